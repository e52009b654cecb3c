/** The page's only state, and who wants to hear about which part of it. */

import { lang } from './i18n';
import type { Collection } from './plan/features';
import type { Shape } from './plan/kinds';
import type { Plan } from './plan/plan';
import type { Checked, Comparison, Estimate, Extent, Faults, Hyetograph, Index, LandCover, NotOffered, Origin, Rung } from './plan/replies';
import { Problem } from './problem';
import type { Legend, LngLat, PointValue, ResultFile, Run, RunRow, StormPreset, Terrain, View } from './types';

export type Tab = 'result' | 'runs' | 'new';

export interface Point {
  lng: number;
  lat: number;
  /** Id of the run whose value it is. */
  run: string;
  value: PointValue | 'asking' | 'failed';
  /** Without the measures, where a difference is shown. */
  before: PointValue | null;
}

/** Something the service was asked: its answer, why there is none, or neither yet. */
export type Asked<T> = T | Problem | 'asking' | null;

/** The answer, if there is one. */
export function answered<T>(asked: Asked<T>): T | null {
  return asked === null || asked === 'asking' || asked instanceof Problem ? null : asked;
}

/** A drawing that is being made on the map. */
export interface Sketch {
  shape: Shape;
  /** What is drawn, in words. */
  title: string;
  points: LngLat[];
  done: (points: LngLat[]) => void;
}

export interface State {
  service: 'starting' | 'ready' | 'lost';
  terrains: Terrain[];
  terrain: Terrain | null;
  storms: StormPreset[];
  /** null until the service has told it. */
  legend: Legend | null;
  version: string;
  runs: RunRow[];
  run: Run | null;
  /** The link that opened the page names a run that is not here. */
  linkGone: boolean;
  files: ResultFile[];
  view: View;
  opacity: number;
  tab: Tab;
  open: boolean;
  point: Point | null;

  plan: Plan;
  sketch: Sketch | null;
  /** Id of the measure with handles on the map, or "area". */
  selected: string | null;
  /** A click on the map asks where its water comes from. */
  tool: 'origin' | null;
  notOffered: NotOffered[];
  landCover: LandCover | null;
  index: Asked<Index>;
  /** The index was taken by the statistics of another place, as this one has none. */
  indexElsewhere: boolean;
  hyetograph: Asked<Hyetograph>;
  checked: Asked<Checked>;
  /** The measures were changed since, or are being checked. */
  checkedBusy: boolean;
  /** Measures of the file or of the result that could not be taken over. */
  skipped: number;
  extent: Asked<Extent>;
  /** Whether a quick estimate is wanted, and what it says. */
  estimating: boolean;
  rung: Rung;
  estimate: Asked<Estimate>;
  estimateBusy: boolean;
  origin: Asked<Origin>;
  faults: Asked<Faults>;
  /** A fault of the terrain to be shown on the map. */
  fault: number | null;
  /** All places are shown on the map, not only those that go into the run. */
  faultsShown: boolean;
  comparison: Comparison | null;
  /** Why there is no newer answer about the comparison. */
  comparisonProblem: Problem | null;
  /** The map shows with minus without, not one of the two. */
  difference: boolean;
  /** Measures of the run that is shown. */
  measures: Collection | null;
}

/** The run whose water the map shows, if it is not an estimate: what is planned is drawn on the state without measures. */
export function shownRun({ tab, run, comparison, estimating }: Readonly<State>): string | null {
  if (run?.state !== 'done' || (tab === 'new' && estimating)) return null;
  return tab === 'new' && comparison?.state === 'done' ? comparison.without : run.id;
}

/** Whether the map shows with minus without. */
export function showsDifference({ tab, difference, comparison }: Readonly<State>): boolean {
  return difference && comparison !== null && tab !== 'new';
}

type Listener = (state: Readonly<State>) => void;

export class Store {
  private listeners: { keys: (keyof State)[]; call: Listener }[] = [];

  constructor(private values: State) {}

  get state(): Readonly<State> {
    return this.values;
  }

  /** Changes some values and tells those who listen to one that really changed. */
  set(patch: Partial<State>): void {
    const before = this.values;
    this.values = { ...before, ...patch };
    const changed = (Object.keys(patch) as (keyof State)[]).filter((key) => before[key] !== this.values[key]);
    for (const { keys, call } of this.listeners) {
      if (keys.some((key) => changed.includes(key))) call(this.values);
    }
  }

  /** Calls now, and again whenever one of the keys changes. */
  on(keys: (keyof State)[], call: Listener): void {
    this.listeners.push({ keys, call });
    call(this.values);
  }

  /** As `on`, but only if what `pick` takes of the state changed, or the language. */
  watch(keys: (keyof State)[], pick: (state: Readonly<State>) => unknown[], call: Listener): void {
    let before: unknown[] = [];
    this.on(keys, (state) => {
      const now = [lang(), ...pick(state)];
      if (now.length === before.length && now.every((value, i) => value === before[i])) return;
      before = now;
      call(state);
    });
  }

  /** Redraws everything, for instance after the language changed. */
  redraw(): void {
    for (const { call } of this.listeners) call(this.values);
  }
}
