/** The questions that the page asks while a run is planned, and what it makes of the answers. */

import { ask, posted, url } from '../api';
import type { Json, LngLat, ScenarioJson, StormPreset, Terrain } from '../types';
import type { Collection } from './features';
import type { Checked, Comparison, Estimate, Extent, Faults, Hyetograph, Index, LandCover, NotOffered, Origin, Parsed, Rung } from './replies';
import type { StormJson } from './storm';

/** Centre of the cell of KOSTRA-DWD-2010R in Wuppertal whose statistics ship with the program. */
export const WUPPERTAL: LngLat = [7.096, 51.284];

/** The middle of a terrain. */
export function whereOf(terrain: Terrain): LngLat {
  const [west, south, east, north] = terrain.bounds_wgs84;
  return [(west + east) / 2, (south + north) / 2];
}

function place([x, y]: LngLat): string {
  return `x=${x.toFixed(5)}&y=${y.toFixed(5)}&crs=EPSG:4326`;
}

const NO_PATHS: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

export const service = {
  storms: (at: LngLat | null) => ask<StormPreset[]>(at ? `storms?${place(at)}` : 'storms'),
  notOffered: () => ask<NotOffered[]>('storms/not-offered'),
  index: (depth_mm: number, duration_min: number, at: LngLat, signal: AbortSignal) =>
    ask<Index>(`storms/index?depth_mm=${depth_mm.toFixed(2)}&duration_min=${duration_min}&${place(at)}`, { signal }),
  hyetograph: (storm: StormJson, signal?: AbortSignal) => ask<Hyetograph>('storms/hyetograph', posted({ storm }, signal)),
  landCover: () => ask<LandCover>('surface/land-cover'),
  parse: (terrain: string, geojson: Json | Collection) => ask<Parsed>('measures/parse', posted({ terrain, geojson })),
  check: (scenario: ScenarioJson, signal?: AbortSignal) => ask<Checked>('measures/check', posted({ scenario }, signal)),
  extent: (scenario: ScenarioJson, drawn: GeoJSON.Polygon, signal?: AbortSignal) => ask<Extent>('extent', posted({ scenario, drawn }, signal)),
  estimate: async (scenario: ScenarioJson, rung: Rung, signal?: AbortSignal): Promise<Estimate> => {
    const answer = await ask<Estimate>('preview', posted({ scenario, rung }, signal));
    const link = answer.links['flow_paths'];
    return { ...answer, paths: link ? await ask<GeoJSON.FeatureCollection>(here(link), signal && { signal }) : NO_PATHS };
  },
  origin: (scenario: ScenarioJson, [lon, lat]: LngLat) => ask<Origin>('origin', posted({ scenario, lon, lat })),
  /** With `look` the terrain is examined if it never was. */
  faults: (terrain: string, look: boolean, signal?: AbortSignal) => ask<Faults>(`terrains/${terrain}/faults${look ? '' : '?look=false'}`, signal && { signal }),
  decide: (terrain: string, number: number, state: string, who: string, note: string | null) =>
    ask<Faults>(`terrains/${terrain}/faults/${number}`, { ...posted({ state, who, note }), method: 'PATCH' }),
  compare: (scenario: ScenarioJson) => ask<Comparison>('comparisons', posted({ scenario })),
  comparison: (id: string) => ask<Comparison>(`comparisons/${id}`),
  measuresOf: (run: string) => ask<Collection>(`runs/${run}/measures`),
};

/** A link of the service as an address below the page. */
function here(link: string): string {
  return link.replace(/^\//, '');
}

/** Address of tiles from a link with {z}, {x}, {y}. */
export function tilesAt(link: string | undefined): string | null {
  return link ? url('') + here(link) : null;
}
