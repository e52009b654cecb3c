/** Follows the plan and asks the service what belongs to it: index, course of the rain, remarks, area, quick estimate. */

import { Newest } from '../newest';
import { asProblem, Problem } from '../problem';
import type { Store } from '../state';
import { answered } from '../state';
import type { Json, ScenarioJson, Terrain } from '../types';
import { Doctor } from './doctor';
import { readable, ring, toFeatures } from './features';
import type { Plan } from './plan';
import { Question } from './question';
import type { Checked, Estimate, Extent, Hyetograph, Index } from './replies';
import type { Made } from './scenario';
import { scenarioOf } from './scenario';
import { service, whereOf, WUPPERTAL } from './service';
import { check, stormOf, timesOf } from './storm';

const WAIT_MS = 200;
const NO_STATISTICS = 'no-statistics';

export class Live {
  readonly doctor: Doctor;
  private timer = 0;
  /** One turn for each change of the plan: what an older one still waits for does not count. */
  private readonly turn = new Newest();
  private readonly origin = new Newest();

  private readonly hyetograph: Question<Hyetograph>;
  private readonly index: Question<{ index: Index; indexElsewhere: boolean }>;
  /** The measures in the coordinates of the terrain. */
  private readonly parsed: Question<Json[]>;
  private readonly checked: Question<Checked>;
  private readonly extent: Question<Extent>;
  private readonly estimate: Question<Estimate>;
  /** Terrains whose place has no rain statistics. */
  private readonly without = new Set<string>();

  constructor(private readonly store: Store) {
    this.doctor = new Doctor(store);
    this.index = new Question(
      (found) => store.set(found === null || found instanceof Problem ? { index: found } : found),
      (going) => { if (going) store.set({ index: 'asking' }); }, // the old one does not belong to this depth
    );
    this.hyetograph = new Question((hyetograph) => {
      store.set({ hyetograph });
      if (hyetograph && !(hyetograph instanceof Problem)) this.indexOf(hyetograph.depth_mm);
      else this.index.clear();
    });
    this.parsed = new Question((_, late) => { if (late) this.later(); });
    this.checked = new Question((checked) => store.set({ checked }));
    this.extent = new Question((extent, late) => {
      store.set({ extent });
      if (late) this.later();
    });
    this.estimate = new Question(
      (estimate) => store.set({ estimate }),
      (estimateBusy) => store.set({ estimateBusy }),
    );
    store.on(['plan', 'terrain', 'estimating', 'rung', 'tab'], () => this.later());
    store.on(['faults'], ({ faults }) => { if (answered(faults)) this.later(); });
  }

  private later(): void {
    const { plan, tab } = this.store.state;
    const mine = this.turn.begin();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(mine), WAIT_MS);
    this.store.set({ checkedBusy: tab === 'new' && plan.measures.length > 0 });
  }

  private async now(mine: AbortSignal): Promise<void> {
    const { plan, terrain, estimating, rung, tab } = this.store.state;
    if (!terrain?.id || tab !== 'new') return;
    const faults = check(plan.storm);
    if (faults.depth || faults.duration || faults.surcharge) this.hyetograph.clear();
    else {
      const storm = stormOf(plan.storm);
      void this.hyetograph.ask(JSON.stringify([terrain.id, storm]), (signal) => service.hyetograph(storm, signal));
    }
    const made = Object.keys(faults).length > 0 ? null : await this.made(plan, terrain);
    if (mine.aborted) return;
    if (made === null) this.checked.clear();
    else if (made instanceof Problem) {
      this.checked.clear(made);
      this.estimate.clear(estimating ? made : null);
    } else {
      const whole = scenarioOf(plan, terrain, made);
      if (estimating) void this.estimate.ask(rung + key(whole), (signal) => service.estimate(whole, rung, signal));
      else this.estimate.clear();
      if (plan.measures.length > 0) await this.checked.ask(key(whole), (signal) => service.check(whole, signal));
      else this.checked.clear();
    }
    if (!mine.aborted) this.store.set({ checkedBusy: false });
  }

  /** What the service makes of a plan, or the Problem with a part of it; null if another plan came after it. */
  private async made(plan: Plan, terrain: Terrain): Promise<Made | Problem | null> {
    const [doctor, measures] = await Promise.all([this.doctor.read(terrain), this.parse(plan, terrain)]);
    if (!doctor || doctor instanceof Problem) return doctor;
    if (!measures || measures instanceof Problem) return measures;
    const made: Made = { measures, corrections: doctor.corrections, culverts: doctor.culverts, extent: null };
    if (!plan.area) {
      this.extent.clear();
      return made;
    }
    // measures do not change the extent, and gauges may lie outside of it
    const bare = { ...scenarioOf(plan, terrain, made), measures: [], gauges: [], sections: [] };
    const drawn = ring(plan.area);
    const extent = await this.extent.ask(key({ ...bare, drawn: drawn.coordinates as Json }), (signal) => service.extent(bare, drawn, signal));
    return !extent || extent instanceof Problem ? extent : { ...made, extent };
  }

  private parse(plan: Plan, terrain: Terrain): Promise<Json[] | Problem | null> {
    const features = toFeatures(plan.measures.filter(readable));
    const none = features.features.length === 0;
    return this.parsed.ask(JSON.stringify([terrain.id, features]), async () => (none ? [] : (await service.parse(terrain.id, features)).measures));
  }

  private indexOf(depth_mm: number): void {
    const { plan, terrain } = this.store.state;
    if (!terrain?.id) return;
    const duration_min = timesOf(plan.storm).rain;
    void this.index.ask(JSON.stringify([terrain.id, depth_mm, duration_min]), (signal) => this.indexBy(terrain, depth_mm, duration_min, signal));
  }

  /** The index by the statistics of the place, or of Wuppertal, which ship, where it has none. */
  private async indexBy(terrain: Terrain, depth_mm: number, duration_min: number, signal: AbortSignal): Promise<{ index: Index; indexElsewhere: boolean }> {
    if (!terrain.synthetic && !this.without.has(terrain.id)) {
      try {
        return { index: await service.index(depth_mm, duration_min, whereOf(terrain), signal), indexElsewhere: false };
      } catch (error) {
        if (!(error instanceof Problem) || error.slug !== NO_STATISTICS) throw error;
        this.without.add(terrain.id);
      }
    }
    return { index: await service.index(depth_mm, duration_min, WUPPERTAL, signal), indexElsewhere: true };
  }

  /** Waits until the measures are checked as they are now. */
  async settle(): Promise<void> {
    if (!this.store.state.checkedBusy) return;
    clearTimeout(this.timer);
    await this.now(this.turn.begin());
  }

  /** The Scenario to send, with everything it needs from the service; throws its Problem. */
  async ready(): Promise<ScenarioJson> {
    const { plan, terrain } = this.store.state;
    if (!terrain?.id) throw new Problem(0, 'terrain', '');
    const made = (await this.made(plan, terrain)) ?? new Problem(0, 'changed', '');
    if (made instanceof Problem) throw made;
    return scenarioOf(plan, terrain, made);
  }

  /** Where the water of a place comes from, with the rain of the run that is shown or planned. */
  async askOrigin(lng: number, lat: number): Promise<void> {
    const { run, tab, terrain } = this.store.state;
    const mine = this.origin.begin();
    this.store.set({ origin: 'asking' });
    const shown = tab !== 'new' && run?.state === 'done' && terrain?.id ? Promise.resolve(run.scenario) : this.ready();
    const origin = await shown.then((scenario) => service.origin(scenario, [lng, lat])).catch(asProblem);
    // closed meanwhile: it stays closed
    if (!mine.aborted && this.store.state.origin === 'asking') this.store.set({ origin });
  }
}

/** What a question is recognised by: the title changes nothing. */
function key(scenario: ScenarioJson): string {
  return JSON.stringify({ ...scenario, title: '' });
}
