/** The plan as the Scenario that is sent. */

import { fromUtm, zoneOf } from '../geo/utm';
import { pick } from '../i18n';
import type { Json, LngLat, ScenarioJson, Terrain } from '../types';
import { parseNumber } from '../words';
import type { Plan } from './plan';
import type { Extent } from './replies';
import { hasBuildings, hasLandCover, part } from './plan';
import { isRunOff, stormOf, timesOf } from './storm';

/** What the service has made of the plan before: it is part of the Scenario. */
export interface Made {
  /** Measures in the coordinates of the terrain. */
  measures: Json[];
  /** Accepted corrections of the terrain. */
  corrections: Json[];
  culverts: Json[];
  /** What is computed of a drawn area; null: all of the terrain. */
  extent: Extent | null;
}

/** The terrain's own scenario with what the plan says; a bare one where the terrain has none. */
export function scenarioOf(plan: Plan, terrain: Terrain, made: Made): ScenarioJson {
  const base: ScenarioJson = structuredClone(terrain.scenario) ?? { terrain: { dem: terrain.id } };
  const { rain, after } = timesOf(plan.storm);
  const { preset } = plan.storm;
  const scenario: ScenarioJson = {
    ...base,
    title: preset ? pick({ de: preset.label_de, en: preset.label_en }) : '',
    terrain: groundOf(plan, terrain, base, made),
    storm: stormOf(plan.storm),
    surface: surfaceOf(plan, terrain, base, made),
    measures: made.measures,
    numerics: { ...part(base, 'numerics'), duration_min: rain + after } as Json,
  };
  if (made.extent?.outline) keepInside(scenario, terrain, made.extent.outline);
  return scenario;
}

function groundOf(plan: Plan, terrain: Terrain, base: ScenarioJson, made: Made): Json {
  const ground = { ...part(base, 'terrain') } as { [key: string]: Json };
  if (plan.cell_m !== null) {
    if (plan.cell_m === terrain.cell_m) delete ground['cell_m'];
    else ground['cell_m'] = plan.cell_m;
  }
  if (hasBuildings(terrain)) ground['buildings'] = { ...part(ground, 'buildings'), roof: plan.roof } as Json;
  if (made.corrections.length > 0) ground['corrections'] = [...list(ground['corrections']), ...made.corrections];
  if (made.extent) ground['area'] = made.extent.area;
  return ground;
}

function surfaceOf(plan: Plan, terrain: Terrain, base: ScenarioJson, made: Made): Json {
  const surface = { ...part(base, 'surface') } as { [key: string]: Json };
  const cover = hasLandCover(terrain);
  const moderate = plan.losses === 'moderate' && cover;
  surface['infiltration'] = { kind: moderate ? 'horton' : 'none' };
  surface['initial_loss'] = { kind: moderate ? 'land_cover' : 'none' };
  const rate_mm_h = parseNumber(plan.sewerRate) ?? 0;
  const off = plan.sewer === 'none' || isRunOff(plan.storm);
  surface['sewer'] = off ? { kind: 'none' } : { kind: plan.sewer, rate_mm_h, sealed_only: cover };
  if (made.culverts.length > 0) surface['culverts'] = [...list(surface['culverts']), ...made.culverts];
  return surface;
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** Gauges, sections and pipes of the terrain's scenario that lie outside the part to compute would be refused. */
function keepInside(scenario: ScenarioJson, terrain: Terrain, outline: GeoJSON.Geometry): void {
  const zone = zoneOf(terrain.epsg);
  if (!zone) return; // the service says what lies outside
  const rings = ringsOf(outline);
  const inside = (x: unknown, y: unknown): boolean => contains(rings, fromUtm(Number(x), Number(y), zone));
  const line = (item: Json): boolean => list(part({ item }, 'item')['line']).every((p) => inside((p as Json[])[0], (p as Json[])[1]));
  scenario['gauges'] = list(scenario['gauges']).filter((item) => inside(part({ item }, 'item')['x'], part({ item }, 'item')['y']));
  scenario['sections'] = list(scenario['sections']).filter(line);
  const surface = scenario['surface'] as { [key: string]: Json };
  if (surface['culverts']) surface['culverts'] = list(surface['culverts']).filter(line);
}

/** All rings of polygons. */
export function ringsOf(geometry: GeoJSON.Geometry): GeoJSON.Position[][] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

/** Even-odd rule over all rings: holes count as outside. */
export function contains(rings: readonly GeoJSON.Position[][], [x, y]: LngLat): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i] as [number, number];
      const [xj, yj] = ring[j] as [number, number];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}
