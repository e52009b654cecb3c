/** What the form asks for: checked as typed, and turned into the Scenario that is sent. */

import type { Key } from '../i18n';
import { pick } from '../i18n';
import type { Json, ScenarioJson, StormPreset, Terrain } from '../types';
import { parseNumber } from '../words';

export interface Wish {
  /** null: own rain from the fields below. */
  preset: StormPreset | null;
  kind: 'block' | 'euler_ii';
  depth: string;
  duration: string;
  runoff: string;
}

export type Faults = Partial<Record<'depth' | 'duration' | 'runoff', Key>>;

const LONGEST_CURVE_MIN = 1440;

/** What is wrong with the fields that count, in the order of the form. */
export function check(wish: Wish): Faults {
  const faults: Faults = {};
  if (!wish.preset) {
    const depth = parseNumber(wish.depth);
    const duration = parseNumber(wish.duration);
    if (depth === null) faults.depth = 'check.number';
    else if (depth <= 0) faults.depth = 'check.depth.low';
    else if (depth > 2000) faults.depth = 'check.depth.high';
    if (duration === null) faults.duration = 'check.number';
    else if (duration <= 0) faults.duration = 'check.duration.low';
    else if (duration > 10080) faults.duration = 'check.duration.high';
    else if (wish.kind === 'euler_ii' && duration % 5 !== 0) faults.duration = 'check.duration.step';
    else if (wish.kind === 'euler_ii' && duration > LONGEST_CURVE_MIN) faults.duration = 'check.duration.curve';
  }
  const runoff = parseNumber(wish.runoff);
  if (runoff === null) faults.runoff = wish.runoff.trim().startsWith('-') ? 'check.runoff.low' : 'check.number';
  else if (runoff > 1440) faults.runoff = 'check.runoff.high';
  return faults;
}

/** Minutes of rain and minutes after it. */
export function timesOf(wish: Wish): { rain: number; after: number } {
  const storm = stormOf(wish);
  const edges = storm['edges_min'];
  const rain = Array.isArray(edges) ? Number(edges.at(-1)) : Number(storm['duration_min'] ?? 0);
  return { rain, after: parseNumber(wish.runoff) ?? 0 };
}

function stormOf(wish: Wish): { [key: string]: Json } {
  if (wish.preset) return wish.preset.storm;
  return { kind: wish.kind, depth_mm: parseNumber(wish.depth) ?? 0, duration_min: parseNumber(wish.duration) ?? 0 };
}

/** The terrain's own scenario with this rain and as long as needed; a bare one where the terrain has none. */
export function scenarioOf(wish: Wish, terrain: Terrain): ScenarioJson {
  const base: ScenarioJson = structuredClone(terrain.scenario) ?? { terrain: { dem: terrain.id } };
  const numerics = (base['numerics'] ?? {}) as { [key: string]: Json };
  const { rain, after } = timesOf(wish);
  return {
    ...base,
    title: wish.preset ? pick({ de: wish.preset.label_de, en: wish.preset.label_en }) : '',
    storm: stormOf(wish),
    numerics: { ...numerics, duration_min: rain + after },
  };
}
