/** Follows the plan and asks the service what belongs to it: index, course of the rain, remarks, area, quick estimate. */

import { Problem } from '../problem';
import type { Store } from '../state';
import { answered } from '../state';
import type { Json, ScenarioJson, Terrain } from '../types';
import { readable, ring, toFeatures } from './features';
import type { Plan } from './plan';
import { Question } from './question';
import type { Checked, Estimate, Extent, Hyetograph, Parsed } from './replies';
import { scenarioOf } from './scenario';
import { service, whereOf, WUPPERTAL } from './service';
import { check, stormOf, timesOf } from './storm';

const WAIT_MS = 200;

export class Live {
  private timer = 0;
  /** The measures in the coordinates of the terrain, and what they were made of. */
  private measures: Json[] = [];
  private parsing = '';

  private readonly hyetograph: Question<Hyetograph>;
  private readonly checked: Question<Checked>;
  private readonly extent: Question<Extent>;
  private readonly estimate: Question<Estimate>;
  private indexed = '';
  /** The terrain whose place has no rain statistics. */
  private without = '';

  constructor(private readonly store: Store) {
    this.hyetograph = new Question((hyetograph) => {
      store.set({ hyetograph });
      if (hyetograph && !(hyetograph instanceof Problem)) void this.index(hyetograph.depth_mm);
      else store.set({ index: null });
    });
    this.checked = new Question((checked) => store.set({ checked }));
    this.extent = new Question((extent) => store.set({ extent }));
    this.estimate = new Question(
      (estimate) => store.set({ estimate }),
      (estimateBusy) => store.set({ estimateBusy }),
    );
    store.on(['plan', 'terrain', 'faults', 'estimating', 'rung', 'tab', 'extent'], () => this.later());
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(), WAIT_MS);
  }

  private async now(): Promise<void> {
    const { plan, terrain, estimating, rung, tab } = this.store.state;
    if (!terrain?.id || tab !== 'new') return;
    const faults = check(plan.storm);
    if (faults.depth || faults.duration || faults.surcharge) this.hyetograph.clear();
    else {
      const storm = stormOf(plan.storm);
      void this.hyetograph.ask(JSON.stringify([terrain.id, storm]), (signal) => service.hyetograph(storm, signal));
    }
    try {
      await this.parse(plan, terrain);
    } catch (error) {
      if (this.store.state.plan === plan) this.store.set({ checked: error instanceof Problem ? error : null });
      return;
    }
    if (this.store.state.plan !== plan || Object.keys(faults).length > 0) return;
    if (plan.area) {
      const [wanted, call] = this.extentOf(plan, terrain);
      await this.extent.ask(wanted, call);
      if (this.store.state.plan !== plan || this.extent.answered !== wanted) return; // its answer brings us here again
    } else this.extent.clear();
    const whole = this.scenario(plan, terrain, plan.area ? answered(this.store.state.extent) : null);
    if (estimating) void this.estimate.ask(rung + key(whole), (signal) => service.estimate(whole, rung, signal));
    else this.estimate.clear();
    if (plan.measures.length > 0) void this.checked.ask(key(whole), (signal) => service.check(whole, signal));
    else this.checked.clear();
  }

  /** What to ask of a drawn area: measures do not change it, and gauges may lie outside. */
  private extentOf(plan: Plan, terrain: Terrain): [string, (signal?: AbortSignal) => Promise<Extent>] {
    const bare = { ...this.scenario(plan, terrain, null), measures: [], gauges: [], sections: [] };
    const drawn = ring(plan.area ?? []);
    return [key({ ...bare, drawn: drawn.coordinates as Json }), (signal) => service.extent(bare, drawn, signal)];
  }

  private scenario(plan: Plan, terrain: Terrain, extent: Extent | null): ScenarioJson {
    const doctor = answered(this.store.state.faults);
    const { corrections, culverts } = doctor ?? { corrections: [], culverts: [] };
    return scenarioOf(plan, terrain, { measures: this.measures, corrections, culverts, extent });
  }

  /** Has the measures brought to the coordinates of the terrain; throws the Problem that names the wrong one. */
  private async parse(plan: Plan, terrain: Terrain): Promise<void> {
    const readables = plan.measures.filter(readable);
    const features = toFeatures(readables);
    const wanted = JSON.stringify([terrain.id, features]);
    if (wanted === this.parsing) return;
    const parsed: Parsed = readables.length > 0 ? await service.parse(terrain.id, features) : { measures: [], features };
    this.parsing = wanted;
    this.measures = parsed.measures;
  }

  /** The index of this depth by the statistics of the place, or of Wuppertal, which ship, where it has none. */
  private async index(depth_mm: number): Promise<void> {
    const { plan, terrain } = this.store.state;
    if (!terrain?.id) return;
    const duration_min = timesOf(plan.storm).rain;
    const wanted = JSON.stringify([terrain.id, depth_mm, duration_min]);
    if (wanted === this.indexed) return;
    this.indexed = wanted;
    this.store.set({ index: 'asking' }); // the old one does not belong to this depth
    const own = terrain.synthetic || this.without === terrain.id ? [] : [{ at: whereOf(terrain), elsewhere: false }];
    for (const { at, elsewhere } of [...own, { at: WUPPERTAL, elsewhere: true }]) {
      try {
        const index = await service.index(depth_mm, duration_min, at);
        if (this.indexed === wanted) this.store.set({ index, indexElsewhere: elsewhere });
        return;
      } catch (error) {
        this.without = terrain.id;
        if (this.indexed === wanted && elsewhere) this.store.set({ index: error instanceof Problem ? error : null });
      }
    }
  }

  /** The Scenario to send, with everything it needs from the service; throws its Problem. */
  async ready(): Promise<ScenarioJson> {
    const { plan, terrain } = this.store.state;
    if (!terrain?.id) throw new Problem(0, 'terrain', '');
    await this.parse(plan, terrain);
    if (!plan.area) return this.scenario(plan, terrain, null);
    const [wanted, call] = this.extentOf(plan, terrain);
    const known = this.extent.answered === wanted ? answered(this.store.state.extent) : null;
    return this.scenario(plan, terrain, known ?? (await call()));
  }

  /** Where the water of a place comes from, with the rain of the run that is shown or planned. */
  async askOrigin(lng: number, lat: number): Promise<void> {
    const { run, tab, terrain } = this.store.state;
    this.store.set({ origin: 'asking' });
    try {
      const shown = tab !== 'new' && run?.state === 'done' && terrain?.id ? run.scenario : null;
      const origin = await service.origin(shown ?? (await this.ready()), [lng, lat]);
      if (this.store.state.origin === 'asking') this.store.set({ origin });
    } catch (error) {
      this.store.set({ origin: error instanceof Problem ? error : new Problem(0, 'error', String(error)) });
    }
  }
}

/** What a question is recognised by: the title changes nothing. */
function key(scenario: ScenarioJson): string {
  return JSON.stringify({ ...scenario, title: '' });
}
