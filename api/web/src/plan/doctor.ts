/** The list of the terrain doctor: read for every plan, as accepted places belong to it; examined and decided upon when people want it. */

import type { Problem } from '../problem';
import type { Store } from '../state';
import type { Terrain } from '../types';
import { Question } from './question';
import type { Fault, Faults, FaultState } from './replies';
import { service } from './service';

export class Doctor {
  private readonly list: Question<Faults>;
  private terrain = '';
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: Store) {
    this.list = new Question((faults) => store.set({ faults }));
    store.on(['terrain'], ({ terrain }) => {
      if (!terrain?.id || terrain.id === this.terrain) return;
      this.terrain = terrain.id;
      this.list.clear();
      store.set({ fault: null });
    });
  }

  /** What is known of a terrain, without examining it. */
  read(terrain: Terrain): Promise<Faults | Problem | null> {
    return this.list.ask(terrain.id, (signal) => service.faults(terrain.id, false, signal));
  }

  /** Examines the terrain, unless that was done before; throws the Problem. */
  look(): Promise<void> {
    return this.change((terrain) => service.faults(terrain, true));
  }

  /** What people found out about a place; throws the Problem. */
  decide(fault: Fault, state: FaultState, who: string, note: string | null): Promise<void> {
    return this.change((terrain) => service.decide(terrain, fault.number, state, who, note));
  }

  /** Both give the whole list: one after the other, so that the last one is the newest, and never for another terrain. */
  private async change(call: (terrain: string) => Promise<Faults>): Promise<void> {
    const { terrain } = this;
    if (!terrain || this.store.state.terrain?.id !== terrain) return;
    const answer = this.last.catch(() => null).then(() => call(terrain));
    this.last = answer;
    try {
      const faults = await answer;
      if (this.terrain === terrain) this.list.take(terrain, faults);
    } catch (error) {
      if (this.terrain === terrain) throw error;
    }
  }
}
