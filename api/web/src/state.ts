/** The page's only state, and who wants to hear about which part of it. */

import type { Legend, PointValue, ResultFile, Run, RunRow, StormPreset, Terrain, View } from './types';

export type Tab = 'result' | 'runs' | 'new';

export interface Point {
  lng: number;
  lat: number;
  value: PointValue | 'asking' | 'failed';
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

  /** Redraws everything, for instance after the language changed. */
  redraw(): void {
    for (const { call } of this.listeners) call(this.values);
  }
}
