/** What the user plans: a rain on a terrain, what covers it, which part of it, and what the city could build. */

import type { LngLat, Terrain } from '../types';
import { asTyped } from '../words';
import type { MeasureKind } from './kinds';
import { kindOf } from './kinds';
import type { StormWish } from './storm';
import { FIRST_STORM } from './storm';

export type Losses = 'moderate' | 'none';
export type Sewer = 'none' | 'flat' | 'capacity';
export type Roof = 'ground' | 'sewer';

/** A measure as drawn: attributes stay as typed, so that half a number survives the next redraw. */
export interface Measure {
  id: string;
  kind: MeasureKind;
  title: string;
  /** One pair for a point, two or more for a line, three or more for a polygon (not closed); none where `buildings` are named. */
  points: LngLat[];
  values: Record<string, string | boolean>;
}

export interface Plan {
  storm: StormWish;
  losses: Losses;
  sewer: Sewer;
  sewerRate: string;
  roof: Roof;
  /** Corners of the part to compute, not closed; null: the whole terrain. */
  area: LngLat[] | null;
  cell_m: number | null;
  measures: Measure[];
}

/** A plan to start from, with what the terrain's own scenario says. */
export function planFor(terrain: Terrain | null): Plan {
  const buildings = part(part(terrain?.scenario, 'terrain'), 'buildings');
  const sewer = part(part(terrain?.scenario, 'surface'), 'sewer');
  const kind = sewer['kind'];
  return {
    storm: FIRST_STORM,
    losses: hasLandCover(terrain) ? 'moderate' : 'none',
    sewer: kind === 'flat' || kind === 'capacity' ? kind : 'none',
    sewerRate: typeof sewer['rate_mm_h'] === 'number' ? String(sewer['rate_mm_h']) : '20',
    roof: buildings['roof'] === 'sewer' ? 'sewer' : 'ground',
    area: null,
    cell_m: null,
    measures: [],
  };
}

/** Whether a raster says what covers the ground: without one nothing is known of where water seeps in. */
export function hasLandCover(terrain: Terrain | null): boolean {
  const cover = part(part(terrain?.scenario, 'surface'), 'land_cover');
  return typeof cover['file'] === 'string';
}

export function hasBuildings(terrain: Terrain | null): boolean {
  return typeof part(part(terrain?.scenario, 'terrain'), 'buildings')['file'] === 'string';
}

/** The part of a JSON object with this name, or an empty one. */
export function part(value: unknown, name: string): Record<string, unknown> {
  const found = value && typeof value === 'object' ? (value as Record<string, unknown>)[name] : null;
  return found && typeof found === 'object' && !Array.isArray(found) ? (found as Record<string, unknown>) : {};
}

/** Cell of the run: as chosen, else as the terrain's scenario says, else that of the terrain model. */
export function cellOf(plan: Plan, terrain: Terrain | null): number {
  const given = part(terrain?.scenario, 'terrain')['cell_m'];
  return plan.cell_m ?? (typeof given === 'number' ? given : (terrain?.cell_m ?? 1));
}

/** A new measure with the values that a drawing starts with, and an id that is free. */
export function newMeasure(kind: MeasureKind, points: LngLat[], others: readonly Measure[]): Measure {
  const values: Record<string, string | boolean> = {};
  for (const { key, kind: what, start } of kindOf(kind).fields) {
    if (start !== undefined) values[key] = what === 'number' ? asTyped(String(start)) : start;
  }
  return { id: freeId(kind, others), kind, title: '', points, values };
}

export function freeId(stem: string, others: readonly Measure[]): string {
  const taken = new Set(others.map((m) => m.id));
  for (let n = 1; ; n++) {
    const id = `${stem.replaceAll('_', '-')}-${n}`;
    if (!taken.has(id)) return id;
  }
}
