/** What the page does: load, choose, start, follow, cancel, ask. All network calls start here. */

import { api, follow } from './api';
import { t } from './i18n';
import type { Link } from './permalink';
import { Newest } from './newest';
import { belongs, Pair } from './pair';
import { planFor } from './plan/plan';
import { service, whereOf } from './plan/service';
import { withPreset } from './plan/storm';
import { Problem } from './problem';
import { announce } from './speak';
import type { State, Store, Tab } from './state';
import { showsDifference, shownRun } from './state';
import type { Run, RunRow, ScenarioJson, Terrain } from './types';
import { FINAL } from './types';

const READY_MS = 700;
const LIST_MS = 5000;

export class Actions {
  readonly pair: Pair;
  private unfollow: () => void = () => {};
  private planned = '';
  private readonly choice = new Newest();
  private readonly reading = new Newest();

  constructor(private store: Store) {
    this.pair = new Pair(store, (id, tab) => this.choose(id, tab));
    let shown = '';
    store.on(['run', 'comparison', 'difference', 'tab', 'estimating'], (state) => {
      const now = `${shownRun(state)} ${showsDifference(state)}`;
      if (now === shown) return;
      shown = now;
      if (state.point) void this.read(state.point.lng, state.point.lat); // the map shows other water there
    });
  }

  /** Waits for the service, loads what does not change, then opens what the address names. */
  async boot(link: Link): Promise<void> {
    const { linked, ...loaded } = await this.loaded(link);
    const { terrains, runs } = loaded;
    const asked = terrains.find((terrain) => terrain.id === link.terrain);
    const first = linked ?? best(asked ? runs.filter((run) => run.terrain === asked.id) : runs);
    const terrain = terrains.find((x) => x.id === first?.terrain) ?? asked ?? terrains[0] ?? null;
    this.store.set({ ...loaded, ...(!first && { terrain }) });
    this.store.watch(['terrain'], (state) => [state.terrain?.id], (state) => void this.settle(state.terrain));
    if (first) await this.choose(first.id);
    this.store.set({ linkGone: Boolean(link.run) && !linked });
    this.store.set({ service: 'ready' });
    window.setInterval(() => void this.refresh(), LIST_MS);
  }

  /** Asks until everything is there: a service that has just become ready may still refuse one of the questions. */
  private async loaded(link: Link): Promise<Loaded> {
    for (;;) {
      try {
        await api.ready();
        const [about, terrains, storms, legend, runs, notOffered] = await Promise.all([
          api.about(),
          api.terrains(),
          service.storms(null),
          api.legend(),
          api.runs(),
          service.notOffered(),
        ]);
        const linked = link.run ? (runs.find((run) => run.id === link.run) ?? (await unlisted(link.run))) : null;
        return { version: about.version, terrains, storms, legend, runs, notOffered, linked };
      } catch {
        await new Promise((resume) => setTimeout(resume, READY_MS));
      }
    }
  }

  /** A terrain to plan on: a fresh plan, and the storms with the rain of its place where statistics are at hand. */
  private async settle(terrain: Terrain | null): Promise<void> {
    if (!terrain?.id || terrain.id === this.planned) return;
    this.planned = terrain.id;
    const [preset] = this.store.state.storms;
    const plan = planFor(terrain);
    this.store.set({
      plan: preset ? { ...plan, storm: withPreset(plan.storm, preset) } : plan,
      selected: null,
      sketch: null,
      skipped: 0,
      estimating: false,
      origin: null,
    });
    const storms = await service.storms(terrain.synthetic ? null : whereOf(terrain)).catch(() => service.storms(null).catch(() => null));
    if (storms && this.planned === terrain.id) this.store.set({ storms });
  }

  /** Brings the list of runs up to date, and notices when the service goes away or comes back. */
  async refresh(): Promise<void> {
    if (document.hidden) return;
    try {
      const runs = await api.runs();
      this.store.set({ service: 'ready' });
      if (JSON.stringify(runs) !== JSON.stringify(this.store.state.runs)) this.store.set({ runs });
      this.pair.poll();
    } catch (error) {
      if (error instanceof Problem && error.status === 0) this.store.set({ service: 'lost' });
    }
  }

  /** Shows a run: its result when it is done, its progress when it is not. */
  async choose(id: string, tab: Tab = 'result'): Promise<void> {
    const mine = this.choice.begin();
    this.unfollow();
    this.unfollow = () => {};
    let run: Run;
    try {
      run = await api.run(id);
    } catch {
      if (!mine.aborted) await this.refresh();
      return;
    }
    if (mine.aborted) return;
    const { comparison, difference } = this.store.state;
    const keep = comparison !== null && belongs(id, comparison);
    this.store.set({
      run,
      difference: keep && difference && comparison.state === 'done' && comparison.with === id,
      linkGone: false,
      terrain: terrainOf(run, this.store.state.terrains),
      files: [],
      origin: null,
      tab,
      ...(!keep && { comparison: null, comparisonProblem: null, point: null, measures: null }),
    });
    this.pair.follow(run);
    void this.measures(run, mine);
    if (run.state === 'done') await this.finished(run, mine);
    else if (!FINAL.has(run.state)) this.unfollow = follow(id, (news) => void this.progress(news, mine));
  }

  /** News of the run that is followed, until another one is chosen. */
  private async progress(run: Run, mine: AbortSignal): Promise<void> {
    if (mine.aborted) return;
    if (!FINAL.has(run.state)) {
      this.store.set({ run });
      return;
    }
    const whole = await api.run(run.id).catch(() => run);
    if (mine.aborted) return;
    this.store.set({ run: whole });
    void this.refresh();
    const taken = run.state === 'done' && (await this.pair.next(run.id));
    if (taken || mine.aborted) return;
    announce(t(run.state === 'done' ? 'say.done' : run.state === 'failed' ? 'say.failed' : 'say.cancelled'));
    if (run.state === 'done') await this.finished(whole, mine);
  }

  private async finished(run: Run, mine: AbortSignal): Promise<void> {
    const files = await api.files(run.id).catch(() => []);
    if (!mine.aborted) this.store.set({ files });
  }

  /** The measures of a run with any, for the map. */
  private async measures(run: Run, mine: AbortSignal): Promise<void> {
    const measures = run.manifest?.measures.length ? await service.measuresOf(run.id).catch(() => null) : null;
    if (!mine.aborted) this.store.set({ measures });
  }

  /** Starts a scenario with its measures and without them; throws the service's Problem. */
  async compare(scenario: ScenarioJson): Promise<void> {
    await this.pair.start(scenario);
    await this.refresh();
  }

  /** Sends a scenario; throws the service's Problem for the form to show. */
  async start(scenario: ScenarioJson): Promise<void> {
    const known = new Set(this.store.state.runs.map((run) => run.id));
    const { id } = await api.start(scenario);
    announce(t(known.has(id) ? 'say.known' : 'say.started'));
    await this.choose(id);
    await this.refresh();
  }

  async cancel(id: string): Promise<void> {
    await api.cancel(id).catch(() => null);
  }

  /** Reads the value under a point of the map. */
  async ask(lng: number, lat: number): Promise<void> {
    if (shownRun(this.store.state)) this.store.set({ origin: null });
    await this.read(lng, lat);
  }

  private async read(lng: number, lat: number): Promise<void> {
    const mine = this.reading.begin();
    const run = shownRun(this.store.state);
    const { comparison } = this.store.state;
    this.store.set({ point: run === null ? null : { lng, lat, run, value: 'asking', before: null } });
    if (!run) return;
    const [value, before] = await Promise.all([
      api.value(run, lng, lat).catch(() => 'failed' as const),
      comparison && showsDifference(this.store.state) ? api.value(comparison.without, lng, lat).catch(() => null) : null,
    ]);
    // closed meanwhile: it stays closed
    if (!mine.aborted && this.store.state.point) this.store.set({ point: { lng, lat, run, value, before } });
  }

  /** Changes to another terrain and shows its newest result. */
  async goTo(terrain: Terrain): Promise<void> {
    this.choice.drop();
    this.unfollow();
    this.store.set({
      terrain,
      run: null,
      comparison: null,
      comparisonProblem: null,
      difference: false,
      measures: null,
      files: [],
      point: null,
      origin: null,
    });
    const newest = best(this.store.state.runs.filter((run) => run.terrain === terrain.id));
    if (newest) await this.choose(newest.id);
  }
}

interface Loaded extends Pick<State, 'version' | 'terrains' | 'storms' | 'legend' | 'runs' | 'notOffered'> {
  /** The run that the address names; null where there is none. */
  linked: RunRow | null;
}

/** A run that is too old for the list; null where there is none of this id. */
async function unlisted(id: string): Promise<RunRow | null> {
  try {
    return await api.run(id);
  } catch (error) {
    if (error instanceof Problem && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}

/** The run to open first: the newest result, or else one that is on its way. */
function best(runs: RunRow[]): RunRow | undefined {
  return runs.find((run) => run.state === 'done') ?? runs.find((run) => !FINAL.has(run.state));
}

/** The registered terrain of a run; for a result without one, a stand-in that has no relief but the right place. */
function terrainOf(run: Run, terrains: Terrain[]): Terrain | null {
  const registered = terrains.find((terrain) => terrain.id === run.terrain);
  if (registered || !run.manifest) return registered ?? terrains[0] ?? null;
  return {
    id: '',
    name: run.terrain_name,
    synthetic: run.synthetic,
    bounds_wgs84: run.manifest.bounds_wgs84,
    cell_m: null,
    rows: 0,
    cols: 0,
    epsg: run.manifest.grid.epsg,
    scenario: null,
  };
}
