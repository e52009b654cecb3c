/** What the page does: load, choose, start, follow, cancel, ask. All network calls start here. */

import { api, follow, Problem } from './api';
import { t } from './i18n';
import type { Link } from './permalink';
import { announce } from './speak';
import type { Store } from './state';
import type { Run, RunRow, ScenarioJson, Terrain } from './types';
import { FINAL } from './types';

const READY_MS = 700;
const LIST_MS = 5000;

export class Actions {
  private unfollow: () => void = () => {};

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
    const [about, terrains, storms, legend, runs] = await Promise.all([
      api.about(),
      api.terrains(),
      api.storms(),
      api.legend(),
      api.runs(),
    ]);
    const asked = terrains.find((terrain) => terrain.id === link.terrain);
    const first = runs.find((run) => run.id === link.run) ?? best(asked ? runs.filter((run) => run.terrain === asked.id) : runs);
    const terrain = terrains.find((x) => x.id === first?.terrain) ?? asked ?? terrains[0] ?? null;
    this.store.set({ version: about.version, terrains, storms, legend, runs, ...(!first && { terrain }) });
    if (first) await this.choose(first.id);
    this.store.set({ linkGone: Boolean(link.run) && first?.id !== link.run });
    this.store.set({ service: 'ready' });
    window.setInterval(() => void this.refresh(), LIST_MS);
  }

  /** Brings the list of runs up to date, and notices when the service goes away or comes back. */
  async refresh(): Promise<void> {
    if (document.hidden) return;
    try {
      const runs = await api.runs();
      this.store.set({ service: 'ready' });
      if (JSON.stringify(runs) !== JSON.stringify(this.store.state.runs)) this.store.set({ runs });
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
    this.store.set({ run, linkGone: false, terrain: terrainOf(run, this.store.state.terrains), files: [], point: null, tab: 'result' });
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
    this.store.set({ point: { lng, lat, value: 'asking' } });
    const value = await api.value(run.id, lng, lat).catch(() => 'failed' as const);
    const { point } = this.store.state;
    if (point?.lng === lng && point.lat === lat) this.store.set({ point: { lng, lat, value } });
  }

  /** Changes to another terrain and shows its newest result. */
  async goTo(terrain: Terrain): Promise<void> {
    this.unfollow();
    this.store.set({ terrain, run: null, files: [], point: null });
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
    scenario: null,
  };
}
