/** What the page does: load, choose, start, follow, cancel, ask. All network calls start here. */

import { api, follow } from './api';
import { t } from './i18n';
import type { Link } from './permalink';
import { planFor } from './plan/plan';
import { service, whereOf } from './plan/service';
import { withPreset } from './plan/storm';
import { Problem } from './problem';
import { announce } from './speak';
import type { Store } from './state';
import type { Run, RunRow, ScenarioJson, Terrain } from './types';
import { FINAL } from './types';

const READY_MS = 700;
const LIST_MS = 5000;

export class Actions {
  private unfollow: () => void = () => {};
  private planned = '';

  constructor(private store: Store) {}

  /** Waits for the service, loads what does not change, then opens what the address names. */
  async boot(link: Link): Promise<void> {
    for (;;) {
      try {
        await api.ready();
        break;
      } catch {
        await new Promise((resume) => setTimeout(resume, READY_MS));
      }
    }
    const [about, terrains, storms, legend, runs, notOffered] = await Promise.all([
      api.about(),
      api.terrains(),
      service.storms(null),
      api.legend(),
      api.runs(),
      service.notOffered(),
    ]);
    const asked = terrains.find((terrain) => terrain.id === link.terrain);
    const first = runs.find((run) => run.id === link.run) ?? best(asked ? runs.filter((run) => run.terrain === asked.id) : runs);
    const terrain = terrains.find((x) => x.id === first?.terrain) ?? asked ?? terrains[0] ?? null;
    this.store.set({ version: about.version, terrains, storms, legend, runs, notOffered, ...(!first && { terrain }) });
    this.store.watch(['terrain'], (state) => [state.terrain?.id], (state) => void this.settle(state.terrain));
    if (first) await this.choose(first.id);
    this.store.set({ linkGone: Boolean(link.run) && first?.id !== link.run });
    this.store.set({ service: 'ready' });
    window.setInterval(() => void this.refresh(), LIST_MS);
  }

  /** A terrain to plan on: a fresh plan, and the storms with the rain of its place where statistics are at hand. */
  private async settle(terrain: Terrain | null): Promise<void> {
    if (!terrain?.id || terrain.id === this.planned) return;
    this.planned = terrain.id;
    const [preset] = this.store.state.storms;
    const plan = planFor(terrain);
    this.store.set({
      plan: preset ? { ...plan, storm: withPreset(plan.storm, preset) } : plan,
      faults: null,
      fault: null,
      selected: null,
      sketch: null,
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
      await this.compared();
    } catch (error) {
      if (error instanceof Problem && error.status === 0) this.store.set({ service: 'lost' });
    }
  }

  /** Shows a run: its result when it is done, its progress when it is not. */
  async choose(id: string): Promise<void> {
    this.unfollow();
    this.unfollow = () => {};
    let run: Run;
    try {
      run = await api.run(id);
    } catch {
      await this.refresh();
      return;
    }
    const { comparison: before, difference } = this.store.state;
    const keep = before !== null && (before.with === id || before.without === id);
    const comparison = keep ? before : run.comparison ? await service.comparison(run.comparison).catch(() => null) : null;
    this.store.set({
      run,
      comparison,
      difference: comparison?.state === 'done' && comparison.with === id && (difference || !keep),
      linkGone: false,
      terrain: terrainOf(run, this.store.state.terrains),
      files: [],
      origin: null,
      tab: 'result',
      ...(!keep && { point: null }),
    });
    void this.measures(run);
    if (run.state === 'done') await this.finished(run);
    else if (!FINAL.has(run.state)) this.unfollow = follow(id, (news) => void this.progress(news));
  }

  private async progress(run: Run): Promise<void> {
    if (this.store.state.run?.id !== run.id) return;
    if (!FINAL.has(run.state)) {
      this.store.set({ run });
      return;
    }
    const whole = await api.run(run.id).catch(() => run);
    this.store.set({ run: whole });
    await this.refresh();
    if (run.state === 'done') {
      if (await this.nextOfPair(run.id)) return;
      announce(t('say.done'));
      await this.finished(whole);
    } else announce(t(run.state === 'failed' ? 'say.failed' : 'say.cancelled'));
  }

  private async finished(run: Run): Promise<void> {
    const files = await api.files(run.id).catch(() => []);
    if (this.store.state.run?.id === run.id) this.store.set({ files });
    const { point } = this.store.state;
    if (point) await this.ask(point.lng, point.lat);
  }

  /** The measures of a run with any, for the map. */
  private async measures(run: Run): Promise<void> {
    const measures = run.manifest?.measures.length ? await service.measuresOf(run.id).catch(() => null) : null;
    if (this.store.state.run?.id === run.id) this.store.set({ measures });
  }

  /** After one run of a pair the other is followed; after both the difference is shown. True if it took over. */
  private async nextOfPair(id: string): Promise<boolean> {
    const { comparison } = this.store.state;
    if (!comparison || (comparison.with !== id && comparison.without !== id)) return false;
    if (await this.compared()) return true;
    const other = id === comparison.with ? comparison.without : comparison.with;
    const state = await api.run(other).catch(() => null);
    if (!state || FINAL.has(state.state) || this.store.state.run?.id !== id) return false;
    await this.choose(other);
    return true;
  }

  /**
   * Asks again for a comparison that was not done, and shows the difference once it is. True if it took over.
   * Asked with the list of runs too: the second run may end between two questions, and then no event follows.
   */
  private async compared(): Promise<boolean> {
    const { comparison } = this.store.state;
    if (!comparison || FINAL.has(comparison.state)) return false;
    const fresh = await service.comparison(comparison.id).catch(() => null);
    const { comparison: now, run } = this.store.state;
    if (!fresh || now?.id !== fresh.id || FINAL.has(now.state)) return false;
    this.store.set({ comparison: fresh });
    if (fresh.state !== 'done' || (run?.id !== fresh.with && run?.id !== fresh.without)) return false;
    announce(t('say.compared'));
    this.store.set({ difference: true });
    await this.choose(fresh.with);
    return true;
  }

  /** Starts a scenario with its measures and without them; throws the service's Problem. */
  async compare(scenario: ScenarioJson): Promise<void> {
    const comparison = await service.compare(scenario);
    this.store.set({ comparison });
    if (comparison.state === 'done') {
      announce(t('say.known'));
      this.store.set({ difference: true });
      await this.choose(comparison.with);
    } else {
      announce(t('say.started'));
      const first = await api.run(comparison.without).catch(() => null);
      await this.choose(first && !FINAL.has(first.state) ? comparison.without : comparison.with);
    }
    await this.refresh();
  }

  /** Of a pair: the difference, or one of the two results. */
  async show(what: 'difference' | 'without' | 'with'): Promise<void> {
    const { comparison } = this.store.state;
    if (!comparison) return;
    this.store.set({ difference: what === 'difference' });
    await this.choose(what === 'without' ? comparison.without : comparison.with);
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
    const { run } = this.store.state;
    if (run?.state !== 'done') return;
    const { comparison, difference } = this.store.state;
    this.store.set({ point: { lng, lat, value: 'asking', before: null }, origin: null });
    const [value, before] = await Promise.all([
      api.value(run.id, lng, lat).catch(() => 'failed' as const),
      comparison && difference ? api.value(comparison.without, lng, lat).catch(() => null) : null,
    ]);
    const { point } = this.store.state;
    if (point?.lng === lng && point.lat === lat) this.store.set({ point: { lng, lat, value, before } });
  }

  /** Changes to another terrain and shows its newest result. */
  async goTo(terrain: Terrain): Promise<void> {
    this.unfollow();
    this.store.set({ terrain, run: null, comparison: null, difference: false, measures: null, files: [], point: null, origin: null });
    const newest = best(this.store.state.runs.filter((run) => run.terrain === terrain.id));
    if (newest) await this.choose(newest.id);
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
