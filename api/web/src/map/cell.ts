/** The computed cell that holds a point, as a polygon in longitude and latitude; outside UTM the point itself is marked. */

import { fromUtm, toUtm, zoneOf } from '../geo/utm';
import type { Grid } from '../types';

/** The outline of the cell of `grid` that contains the point, or the point where that is unknown. */
export function cellAround(lng: number, lat: number, grid: Grid | undefined): GeoJSON.Geometry {
  const point: GeoJSON.Point = { type: 'Point', coordinates: [lng, lat] };
  const zone = zoneOf(grid?.epsg ?? null);
  if (!grid || !zone) return point;
  const [x, y] = toUtm(lng, lat, zone);
  const col = Math.floor((x - grid.west) / grid.cell_m);
  const row = Math.floor((grid.north - y) / grid.cell_m);
  if (col < 0 || row < 0 || col >= grid.cols || row >= grid.rows) return point;
  const west = grid.west + col * grid.cell_m;
  const north = grid.north - row * grid.cell_m;
  const corner = (dx: number, dy: number): [number, number] => fromUtm(west + dx * grid.cell_m, north - dy * grid.cell_m, zone);
  return { type: 'Polygon', coordinates: [[corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)]] };
}
