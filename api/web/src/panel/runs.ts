/** Second tab: every run with its storm, its time and its state. */

import type { Actions } from '../actions';
import { fill, h } from '../dom';
import type { Key } from '../i18n';
import { t } from '../i18n';
import type { Comparison } from '../plan/replies';
import type { Store } from '../state';
import type { RunRow } from '../types';
import { FINAL } from '../types';
import { dateTime, stormLabel, unit } from '../words';

export function createRuns(store: Store, actions: Actions): HTMLElement {
  const list = h('ul', { class: 'runs' });
  store.on(['runs', 'run', 'comparison'], ({ runs, run, comparison }) => {
    const places = new Set(runs.map((row) => row.terrain_name));
    list.setAttribute('aria-label', t('runs.select'));
    if (runs.length === 0) {
      fill(list, h('li', { class: 'quiet-text' }, t('runs.none')));
      return;
    }
    fill(list, ...runs.map((row) => item(run?.id === row.id ? run : row, row.id === run?.id, places.size > 1, pairOf(row, comparison), actions)));
  });
  return list;
}

/** Which half of a comparison a run is. */
function pairOf(row: RunRow, shown: Comparison | null): Key | null {
  if (row.comparison) return 'compare.with';
  return shown?.without === row.id ? 'compare.without' : null;
}

function item(row: RunRow, chosen: boolean, named: boolean, pair: Key | null, actions: Actions): HTMLElement {
  const { amount, shape } = stormLabel(row);
  const going = !FINAL.has(row.state);
  const state = t(`state.${row.state}`) + (row.state === 'running' ? ` · ${unit(Math.round(row.progress * 100), '%')}` : '');
  return h(
    'li',
    {},
    h(
      'button',
      {
        id: `run-${row.id}`,
        type: 'button',
        class: chosen ? 'chosen' : '',
        'aria-current': chosen ? 'true' : null,
        on: { click: () => void actions.choose(row.id) },
      },
      h('span', { class: 'what' }, amount),
      shape && h('span', { class: 'where' }, shape),
      pair && h('span', { class: 'where half' }, t('compare.half', { half: t(pair) })),
      named && h('span', { class: 'where' }, row.terrain_name),
      h('span', { class: 'when' }, dateTime(row.created)),
      h('span', { class: `state ${row.state}${going ? ' going' : ''}` }, state),
    ),
  );
}
