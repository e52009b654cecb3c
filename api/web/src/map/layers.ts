/** Layers of the map from bottom to top: ground, relief, streets, water, buildings, names, mark. */

import type { DataDrivenPropertyValueSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre, RasterTileSource } from 'maplibre-gl';
import { urls } from '../api';
import type { Terrain } from '../types';
import { withEdge } from './edge';
import { NAMES } from './fonts';
import { addOverlays } from './overlays';
import { addSketch } from './sketch';

export const PAPER = '#eceae4';
const INK = '#1f2e38';
const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
const FINEST_TILE = 20;
const EQUATOR_M = 40075016.7;
/** Names that must stay when there is no room for all: where people need help, and where water collects. */
const FIRST = ['school', 'kindergarten', 'care_home', 'hospital', 'fire_station', 'underpass', 'culvert'];

/** Layers that come once; the result layer is put below `footprints`. */
const VECTORS: LayerSpecification[] = [
  {
    id: 'footprints',
    type: 'fill',
    source: 'footprints',
    paint: { 'fill-color': '#cfccc5', 'fill-antialias': true },
  },
  {
    id: 'footprint-walls',
    type: 'line',
    source: 'footprints',
    paint: {
      'line-color': '#6d6a64',
      'line-width': ['interpolate', ['linear'], ['zoom'], 13, 0.3, 16, 0.8, 19, 1.4],
    },
  },
  {
    id: 'street-names',
    type: 'symbol',
    source: 'streets',
    minzoom: 14,
    layout: {
      'symbol-placement': 'line',
      'symbol-spacing': 420,
      'text-field': ['get', 'name'],
      'text-font': NAMES,
      'text-size': ['interpolate', ['linear'], ['zoom'], 14, 10, 17, 13],
      'text-letter-spacing': 0.03,
      'text-max-angle': 40,
      'text-padding': 6,
    },
    paint: { 'text-color': '#33424c', 'text-halo-color': 'rgba(255,255,255,0.92)', 'text-halo-width': 1.5 },
  },
  {
    id: 'place-marks',
    type: 'circle',
    source: 'places',
    minzoom: 13,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 13, 2.5, 17, 5],
      'circle-color': INK,
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': 1.5,
    },
  },
  {
    id: 'place-names',
    type: 'symbol',
    source: 'places',
    minzoom: 13.5,
    layout: {
      'text-field': ['get', 'name'],
      'symbol-sort-key': ['case', ['in', ['get', 'kind'], ['literal', FIRST]], 0, 1],
      'text-font': NAMES,
      'text-size': ['interpolate', ['linear'], ['zoom'], 14, 11, 17, 14],
      'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
      'text-radial-offset': 0.75,
      'text-justify': 'auto',
      'text-max-width': 9,
    },
    paint: { 'text-color': INK, 'text-halo-color': 'rgba(255,255,255,0.95)', 'text-halo-width': 1.8 },
  },
  {
    id: 'mark-halo',
    type: 'line',
    source: 'mark',
    paint: { 'line-color': '#ffffff', 'line-width': 5 },
  },
  { id: 'mark', type: 'line', source: 'mark', paint: { 'line-color': INK, 'line-width': 2.2 } },
  {
    id: 'mark-point',
    type: 'circle',
    source: 'mark',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': 6,
      'circle-color': 'rgba(255,255,255,0.25)',
      'circle-stroke-color': INK,
      'circle-stroke-width': 2.2,
    },
  },
];

/** Takes the terrain's layers away, if any, and puts those of another one. */
export function showTerrain(map: MapLibre, terrain: Terrain): void {
  clear(map);
  const bounds = terrain.bounds_wgs84;
  if (terrain.id) {
    map.addSource('hillshade', { type: 'raster', tiles: [urls.hillshade(terrain.id)], tileSize: 256, bounds, maxzoom: 18 });
    map.addLayer({
      id: 'hillshade',
      type: 'raster',
      source: 'hillshade',
      paint: { 'raster-brightness-min': 0.3, 'raster-contrast': 0.08, 'raster-fade-duration': 0 },
    });
  }
  const vector = (id: string, address: (terrain: string) => string): void => {
    map.addSource(id, { type: 'geojson', data: terrain.id ? address(terrain.id) : NOTHING });
  };
  vector('streets', urls.streets);
  vector('places', urls.places);
  vector('footprints', urls.footprints);
  map.addSource('mark', { type: 'geojson', data: NOTHING });
  map.addLayer({
    id: 'streets',
    type: 'line',
    source: 'streets',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': '#ffffff', 'line-opacity': 0.6, 'line-width': trueWidth(bounds[1]) },
  });
  for (const layer of VECTORS) map.addLayer(layer);
  addOverlays(map);
  addSketch(map);
}

/** Streets as wide as they are: pixels of their width in metres at every zoom. */
function trueWidth(latitude: number): DataDrivenPropertyValueSpecification<number> {
  const pixels = (zoom: number): number => (2 ** zoom * 512) / (EQUATOR_M * Math.cos((latitude * Math.PI) / 180));
  const width = (zoom: number): ['*', number, ['coalesce', ['get', string], number]] => ['*', pixels(zoom), ['coalesce', ['get', 'width_m'], 7]];
  return ['interpolate', ['exponential', 2], ['zoom'], 8, width(8), 22, width(22)];
}

function clear(map: MapLibre): void {
  const style = map.getStyle();
  for (const layer of style.layers) if (layer.id !== 'ground') map.removeLayer(layer.id);
  for (const id of Object.keys(style.sources)) map.removeSource(id);
}

/** Shows water above the relief and below the buildings, or none; `template` is the address of its tiles. */
export function showWater(map: MapLibre, terrain: Terrain, template: string | null, opacity: number): void {
  const footprints = map.getSource<GeoJSONSource>('footprints');
  if (!footprints) return;
  if (!template) {
    if (map.getLayer('water')) map.removeLayer('water');
    if (map.getSource('water')) map.removeSource('water');
    return;
  }
  const tiles = [withEdge(template)];
  const source = map.getSource<RasterTileSource>('water');
  if (source) {
    if (source.tiles?.[0] !== tiles[0]) source.setTiles(tiles);
    map.setPaintProperty('water', 'raster-opacity', opacity);
    return;
  }
  map.addSource('water', { type: 'raster', tiles, tileSize: 256, bounds: terrain.bounds_wgs84, maxzoom: FINEST_TILE });
  map.addLayer(
    {
      id: 'water',
      type: 'raster',
      source: 'water',
      paint: { 'raster-opacity': opacity, 'raster-resampling': 'nearest', 'raster-fade-duration': 0 },
    },
    'footprints',
  );
}

/** Footprints as the run used them; a run may have been computed with other buildings than the terrain's. */
export function showFootprints(map: MapLibre, address: string): void {
  map.getSource<GeoJSONSource>('footprints')?.setData(address);
}

export function showMark(map: MapLibre, mark: GeoJSON.Geometry | null): void {
  const data: GeoJSON.FeatureCollection = mark
    ? { type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry: mark }] }
    : NOTHING;
  map.getSource<GeoJSONSource>('mark')?.setData(data);
}
