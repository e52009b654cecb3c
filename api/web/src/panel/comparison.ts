/** With and without the measures: what they change, disadvantages first. */

import type { Actions } from '../actions';
import { fill, h, refocus } from '../dom';
import { lang, t } from '../i18n';
import { fromFeatures } from '../plan/features';
import type { BuildingChange, Comparison } from '../plan/replies';
import type { Store } from '../state';
import { FINAL } from '../types';
import { number, unit } from '../words';
import { button, toggles } from './controls';
import { problemLine } from './remarks';

const FIRST = 8;

export function createComparison(store: Store, actions: Actions): HTMLElement {
  const box = h('section', { class: 'comparison', hidden: true });
  let all: 'worse' | 'better' | null = null;

  const draw = (): void => {
    const { comparison, comparisonProblem, difference, run } = store.state;
    box.hidden = comparison === null && comparisonProblem === null;
    if (comparisonProblem) {
      fill(box, h('p', { class: 'remark warning' }, t('compare.failed')), problemLine(comparisonProblem), button('compare-retry', 'secondary', t('compare.retry'), retry));
      return;
    }
    if (!comparison) return fill(box);
    const half = run?.id === comparison.without ? 'without' : 'with';
    if (comparison.state !== 'done') {
      const stopped = FINAL.has(comparison.state);
      const words = stopped ? t('compare.stopped') : t('compare.going', { half: t(`compare.${half}`) });
      fill(box, h('p', { class: `remark ${stopped ? 'warning' : 'note'}` }, words));
      return;
    }
    const options = (['difference', 'without', 'with'] as const).map((value) => ({ value, label: t(`compare.${value}`) }));
    fill(
      box,
      toggles('compare', t('compare.title'), options, difference ? 'difference' : half, (what) => void actions.pair.show(what as (typeof options)[number]['value'])),
      difference ? balance(comparison) : null,
    );
  };

  const retry = (): void => {
    refocus('tab-result', () => store.set({ comparisonProblem: null }));
    void actions.pair.load();
  };

  const again = (): void => {
    const { measures, plan } = store.state;
    const { measures: drawn, skipped } = measures ? fromFeatures(measures, []) : { measures: [], skipped: 0 };
    store.set({ plan: { ...plan, measures: drawn }, skipped, tab: 'new', open: true });
    store.set({ selected: drawn[0]?.id ?? null });
  };

  const balance = (comparison: Comparison): HTMLElement => {
    const [worse, better, law] = told(comparison);
    return h(
      'div',
      {},
      h('p', { class: 'remark warning', id: 'worse' }, worse),
      list('worse', comparison.worse),
      law ? h('p', { class: 'quiet-text law' }, law) : null,
      h('p', { class: 'remark good', id: 'better' }, better),
      list('better', comparison.better),
      store.state.measures ? button('measures-again', 'secondary', t('compare.again'), again) : null,
    );
  };

  const list = (side: 'worse' | 'better', buildings: readonly BuildingChange[]): HTMLElement | null => {
    if (buildings.length === 0) return null;
    const shown = all === side ? buildings : buildings.slice(0, FIRST);
    return h(
      'table',
      { class: 'facts changes' },
      h('caption', {}, t(`compare.list.${side}`)),
      h('thead', {}, h('tr', {}, ...(['building', 'without', 'with', 'change'] as const).map((key) => h('th', { scope: 'col' }, t(`compare.col.${key}`))))),
      h('tbody', {}, ...shown.map(row)),
      shown.length < buildings.length
        ? h('tfoot', {}, h('tr', {}, h('td', { colspan: 4 }, h('button', { id: `all-${side}`, type: 'button', class: 'link', on: { click: () => { all = side; draw(); } } }, t('compare.all', { count: buildings.length })))))
        : null,
    );
  };

  const row = (building: BuildingChange): HTMLElement =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('button', { id: `go-${building.id}`, type: 'button', class: 'link', on: { click: () => window.floodSim.map?.easeTo({ center: [building.lon, building.lat], zoom: 18 }) } }, building.id)),
      h('td', {}, rounded(building.without_cm)),
      h('td', {}, rounded(building.with_cm)),
      h('td', {}, change(building.difference_cm)),
    );

  store.on(['comparison', 'comparisonProblem', 'difference', 'run', 'measures'], draw);
  return box;
}

/** A change in steps of 5 cm, as finely as it counts. */
function change(cm: number): string {
  return `${cm > 0 ? '+' : '−'}${unit(Math.max(5, Math.round(Math.abs(cm) / 5) * 5), 'cm')}`;
}

/** Depth at a wall for the public: to 10 cm. */
function rounded(cm: number): string {
  if (cm < 10) return t('value.below10');
  return cm > 150 ? `>\u202f150` : number(Math.round(cm / 10) * 10);
}

/** Disadvantages, advantages, and what the law says about the first. */
function told({ sentences }: Comparison): string[] {
  return (lang() === 'de' ? sentences?.de : sentences?.en) ?? [];
}
