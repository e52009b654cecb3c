/** The rain that was chosen: checked as typed, and as the `storm` of a Scenario. */

import type { Key } from '../i18n';
import type { Json, StormPreset } from '../types';
import { numberFault, parseNumber, parseSigned } from '../words';

export interface StormWish {
  /** null: own rain from the fields below. */
  preset: StormPreset | null;
  kind: 'block' | 'euler_ii';
  depth: string;
  duration: string;
  /** Climate surcharge in percent. */
  surcharge: string;
  runoff: string;
}

export type StormField = 'depth' | 'duration' | 'surcharge' | 'runoff';
export type Faults = Partial<Record<StormField, Key>>;
export type StormJson = { [key: string]: Json };

export const FIRST_STORM: StormWish = { preset: null, kind: 'block', depth: '50', duration: '60', surcharge: '0', runoff: '60' };
const LONGEST_CURVE_MIN = 1440;

/** What is wrong with the fields that count, in the order of the form. */
export function check(wish: StormWish): Faults {
  const faults: Faults = {};
  if (!wish.preset) {
    const depth = parseNumber(wish.depth);
    const duration = parseNumber(wish.duration);
    if (depth === null) faults.depth = numberFault(wish.depth);
    else if (depth <= 0) faults.depth = 'check.depth.low';
    else if (depth > 2000) faults.depth = 'check.depth.high';
    if (duration === null) faults.duration = numberFault(wish.duration);
    else if (duration <= 0) faults.duration = 'check.duration.low';
    else if (duration > 10080) faults.duration = 'check.duration.high';
    else if (wish.kind === 'euler_ii' && duration % 5 !== 0) faults.duration = 'check.duration.step';
    else if (wish.kind === 'euler_ii' && duration > LONGEST_CURVE_MIN) faults.duration = 'check.duration.curve';
  }
  if (!isRunOff(wish)) {
    const surcharge = parseSigned(wish.surcharge || '0');
    if (surcharge === null) faults.surcharge = numberFault(wish.surcharge);
    else if (surcharge < -50 || surcharge > 300) faults.surcharge = 'check.surcharge.range';
  }
  const runoff = parseNumber(wish.runoff);
  if (runoff === null) faults.runoff = wish.runoff.trim().startsWith('-') ? 'check.runoff.low' : numberFault(wish.runoff);
  else if (runoff > 1440) faults.runoff = 'check.runoff.high';
  return faults;
}

/** A run-off value: losses are taken off already, and no surcharge is put on it. */
export function isRunOff(wish: StormWish): boolean {
  return wish.preset?.storm['kind'] === 'runoff';
}

/** Minutes of rain and minutes after it. */
export function timesOf(wish: StormWish): { rain: number; after: number } {
  const storm = plainStorm(wish);
  const edges = storm['edges_min'];
  const rain = Array.isArray(edges) ? Number(edges.at(-1)) : Number(storm['duration_min'] ?? 0);
  return { rain, after: parseNumber(wish.runoff) ?? 0 };
}

/** The storm with its surcharge, as the Scenario takes it. */
export function stormOf(wish: StormWish): StormJson {
  const storm = plainStorm(wish);
  const surcharge = isRunOff(wish) ? 0 : (parseSigned(wish.surcharge || '0') ?? 0);
  return surcharge ? { ...storm, surcharge_percent: surcharge } : storm;
}

function plainStorm(wish: StormWish): StormJson {
  if (wish.preset) return wish.preset.storm;
  return { kind: wish.kind, depth_mm: parseNumber(wish.depth) ?? 0, duration_min: parseNumber(wish.duration) ?? 0 };
}

/** A preset as a wish: its own storm, and the run-off time it suggests. */
export function withPreset(wish: StormWish, preset: StormPreset): StormWish {
  const next = { ...wish, preset };
  return { ...next, runoff: String(Math.max(0, preset.duration_min - timesOf(next).rain)) };
}

/** The published name and what the label adds to it: amount, duration, statistics. */
export function namesOf(label: string): { name: string; more: string } {
  const found = /^(.*?)(?:: (?=T\s\d|Abflusswert|run-off value)| \()(.*)$/.exec(label);
  if (!found) return { name: label, more: '' };
  const more = found[2] as string;
  return { name: found[1] as string, more: label.includes(' (') && !more.includes('(') ? more.replace(/\)$/, '') : more };
}
