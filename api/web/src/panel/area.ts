/** Third part of the form: which part of the terrain is computed, and how finely. */

import { fill, h, refocus } from '../dom';
import { pick, t } from '../i18n';
import { cellOf } from '../plan/plan';
import type { Plan } from '../plan/plan';
import { Problem } from '../problem';
import type { State, Store } from '../state';
import type { LngLat, Terrain } from '../types';
import { number, unit } from '../words';
import { button, choices, foldingPart } from './controls';
import { isEnglishOnly } from './remarks';

const MULTIPLES = [1, 2, 4, 8];
/** Gaps between houses are about 3 m wide: coarser cells close them. */
const OVERVIEW_M = 2;
const COARSEST_M = 10;

export function createArea(store: Store): HTMLElement {
  const { box, say, body } = foldingPart('part-area', false);
  const sentence = h('div', { 'aria-live': 'polite' });
  const change = (patch: Partial<Plan>): void => store.set({ plan: { ...store.state.plan, ...patch } });
  const draw = (shape: 'rectangle' | 'polygon'): void =>
    store.set({
      sketch: { shape, title: t('area.title'), points: [], done: (area: LngLat[]) => change({ area }) },
      selected: null,
      tool: null,
    });

  store.watch(['plan', 'terrain'], (s) => [s.plan.area, s.plan.cell_m, s.terrain], ({ plan, terrain }) => {
    const cell = cellOf(plan, terrain);
    say(t('part.area'), t('area.now', { area: t(plan.area ? 'area.part' : 'area.whole'), cell: unit(cell, 'm', 2) }));
    fill(
      body,
      h('p', { class: 'lead' }, t(plan.area ? 'area.lead.part' : 'area.lead.whole')),
      sentence,
      h(
        'div',
        { class: 'buttons-row' },
        button('area-rectangle', 'secondary', t('area.rectangle'), () => draw('rectangle')),
        button('area-polygon', 'secondary', t('area.polygon'), () => draw('polygon')),
        plan.area ? button('area-edit', 'secondary', t('area.edit'), () => store.set({ selected: 'area', sketch: null })) : null,
        plan.area ? button('area-remove', 'secondary', t('area.remove'), () => refocus('area-rectangle', () => { store.set({ selected: null }); change({ area: null }); })) : null,
      ),
      terrain?.cell_m ? cells(terrain, cell, (cell_m) => change({ cell_m })) : null,
    );
  });
  store.watch(['extent', 'plan'], (s) => [s.extent, s.plan.area], (state) => fill(sentence, told(state)));
  return box;
}

function told({ extent, plan }: Readonly<State>): HTMLElement | null {
  if (!plan.area) return null;
  if (extent === null || extent === 'asking') return h('p', { class: 'quiet-text' }, t('area.asking'));
  if (extent instanceof Problem) return h('p', { class: 'remark error', role: 'alert', lang: isEnglishOnly() }, extent.detail || t('problem.error'));
  return h('p', { class: 'remark note', id: 'extent-sentence' }, pick({ de: extent.sentence_de, en: extent.sentence_en }));
}

/** Cells as multiples of the terrain model's; how many there are says what they cost. */
function cells(terrain: Terrain, taken: number, choose: (cell: number) => void): HTMLElement {
  const own = terrain.cell_m ?? 1;
  const sizes = [...new Set([...MULTIPLES.map((m) => m * own).filter((cell) => cell <= COARSEST_M), taken])].sort((a, b) => a - b);
  const options = sizes.map((cell) => {
    const count = (terrain.rows * terrain.cols * own * own) / (cell * cell);
    const mega = count >= 1e6 ? t('cell.million', { count: number(count / 1e6, 1) }) : number(Math.round(count / 1000) * 1000);
    const what = cell > OVERVIEW_M ? t('cell.overview') : cell > 1 ? t('cell.part') : t('cell.fine');
    return { value: String(cell), label: unit(cell, 'm', 2), tip: t('cell.tip', { what, count: mega }) };
  });
  return choices('cell', t('cell.title'), options, String(taken), (value) => choose(Number(value)));
}
