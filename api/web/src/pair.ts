/** A scenario with its measures and without them: two runs, followed one after the other, and what the measures change. */

import { api } from './api';
import { t } from './i18n';
import { service } from './plan/service';
import type { Comparison } from './plan/replies';
import { asProblem, Problem } from './problem';
import { announce } from './speak';
import type { Store, Tab } from './state';
import type { Run, ScenarioJson } from './types';
import { FINAL } from './types';

export class Pair {
  /** One question at a time: the service needs seconds to write a difference. */
  private going: { id: string; answer: Promise<void> } | null = null;
  /** A run with measures names its comparison even if the other run was never started. */
  private missing = '';

  constructor(
    private readonly store: Store,
    private readonly choose: (id: string, tab?: Tab) => Promise<void>,
  ) {}

  /** Starts both runs, or finds them; throws the service's Problem. */
  async start(scenario: ScenarioJson): Promise<void> {
    const comparison = await service.compare(scenario);
    const done = comparison.state === 'done';
    this.store.set({ comparison, comparisonProblem: null, ...(done && { difference: true }) });
    announce(t(done ? 'say.known' : 'say.started'));
    const first = done ? null : await api.run(comparison.without).catch(() => null);
    await this.choose(first && !FINAL.has(first.state) ? comparison.without : comparison.with);
  }

  /** Shows the difference, or one of the two results. */
  async show(what: 'difference' | 'without' | 'with'): Promise<void> {
    const { comparison } = this.store.state;
    if (!comparison) return;
    this.store.set({ difference: what === 'difference' });
    await this.choose(what === 'without' ? comparison.without : comparison.with);
  }

  /** The comparison that belongs to a run that was just chosen. */
  follow(run: Run): void {
    this.missing = '';
    const { comparison } = this.store.state;
    if (comparison && FINAL.has(comparison.state)) return;
    if (comparison ? FINAL.has(run.state) : run.comparison) void this.load();
  }

  /**
   * Asks again for a comparison that was not done: the second run may end between two questions, and then no event follows.
   * After a Problem that does not pass by itself the visitor decides when to ask again.
   */
  poll(): void {
    const { comparison, comparisonProblem } = this.store.state;
    if (comparison && FINAL.has(comparison.state)) return;
    if (!comparisonProblem || comparisonProblem.passes) void this.load();
  }

  /** After one run of a pair the other is followed; after both the difference is shown. True if it took over. */
  async next(id: string): Promise<boolean> {
    const { comparison } = this.store.state;
    if (!comparison || !belongs(id, comparison)) return false;
    await this.load();
    const { comparison: now, run, tab } = this.store.state;
    if (now?.id !== comparison.id || run?.id !== id) return true; // shown by now, or something else was chosen
    if (now.state === 'done') return true;
    const other = id === now.with ? now.without : now.with;
    const found = await api.run(other).catch(() => null);
    if (!found || FINAL.has(found.state)) return false;
    if (this.store.state.run?.id === id) await this.choose(other, tab);
    return true;
  }

  /** Asks for the comparison of the run that is shown. */
  load(): Promise<void> {
    const id = this.wanted();
    if (!id) return Promise.resolve();
    if (this.going?.id === id) return this.going.answer;
    const answer = this.ask(id).finally(() => { if (this.going?.answer === answer) this.going = null; });
    this.going = { id, answer };
    return answer;
  }

  private async ask(id: string): Promise<void> {
    const fresh = await service.comparison(id).catch(asProblem);
    if (this.wanted() !== id) return;
    if (fresh instanceof Problem && fresh.status === 404 && !this.store.state.comparison) this.missing = id;
    else if (fresh instanceof Problem) this.store.set({ comparisonProblem: fresh });
    else await this.take(fresh);
  }

  private wanted(): string | null {
    const { comparison, run } = this.store.state;
    const id = comparison?.id ?? run?.comparison ?? null;
    return id === this.missing ? null : id;
  }

  private async take(fresh: Comparison): Promise<void> {
    const { comparison: before, run, tab } = this.store.state;
    if (!run || !belongs(run.id, fresh)) return;
    this.store.set({ comparison: fresh, comparisonProblem: null });
    if (fresh.state !== 'done') return;
    this.store.set({ difference: before !== null || run.id === fresh.with });
    if (before === null) return; // it was done when its run was chosen
    announce(t('say.compared'));
    await this.choose(fresh.with, tab);
  }
}

/** Whether a run is one of the two that are compared. */
export function belongs(id: string, { with: one, without }: Comparison): boolean {
  return id === one || id === without;
}
