/** First tab: the chosen run. What the map shows of it, its facts, or why there is nothing to show. */

import type { Actions } from '../actions';
import { urls } from '../api';
import { fill, h } from '../dom';
import { pick, t } from '../i18n';
import type { State, Store } from '../state';
import type { Run } from '../types';
import { FINAL, VIEWS } from '../types';
import { bytes, stormLabel, unit } from '../words';
import { createComparison } from './comparison';
import { balanceTable, factsTable } from './facts';
import { createProgress } from './progress';

export function createResult(store: Store, actions: Actions): HTMLElement {
  const head = h('div', {});
  const chosen = h('div', {});
  const views = h('div', {});
  const tables = h('div', {});
  const progress = createProgress(store, actions);

  store.on(['run', 'linkGone', 'service', 'runs', 'terrain', 'difference', 'comparison'], (state) => {
    const done = state.run?.state === 'done';
    const differing = state.difference && state.comparison !== null;
    tables.hidden = !done;
    chosen.hidden = !done || differing;
    views.hidden = !done;
    progress.hidden = !state.run || FINAL.has(state.run.state);
    fill(head, ...headline(state, store));
  });
  const percent = h('output', { for: 'opacity' });
  store.on(['view'], (state) => { fill(chosen, chooser(state, store)); fill(views, opacity(state, store, percent)); });
  store.on(['opacity'], ({ opacity }) => (percent.textContent = unit(Math.round(opacity * 100), '%')));
  store.on(['run', 'files'], ({ run, files }) => {
    if (run?.state !== 'done') return;
    fill(
      tables,
      factsTable(run),
      balanceTable(run),
      notes(run),
      h('h3', {}, t('result.files')),
      files.length === 0
        ? h('p', { class: 'quiet-text' }, t('result.files.none'))
        : h(
            'ul',
            { class: 'files' },
            ...files.map((file) =>
              h('li', {}, h('a', { href: urls.file(run.id, file.name), download: file.name }, file.name), h('span', {}, bytes(file.bytes))),
            ),
          ),
    );
  });
  return h('div', { class: 'result' }, head, progress, createComparison(store, actions), chosen, views, tables);
}

function headline(state: Readonly<State>, store: Store): (HTMLElement | null)[] {
  const { run, service, runs, terrain } = state;
  if (service === 'starting') {
    return [h('div', { class: 'empty' }, h('span', { class: 'pulse', 'aria-hidden': 'true' }), h('h2', {}, t('service.starting')), h('p', {}, t('service.starting.text')))];
  }
  if (!terrain) return [h('div', { class: 'empty' }, h('h2', {}, t('service.no_terrain.title')), h('p', {}, t('service.no_terrain.text')))];
  if (!run) {
    const some = runs.some((row) => row.state === 'done' && row.terrain === terrain.id);
    return [
      h(
        'div',
        { class: 'empty' },
        h('h2', {}, t('result.none.title')),
        h('p', {}, t(some ? 'result.choose.text' : 'result.none.text')),
        h('button', { type: 'button', id: 'go', class: 'primary', on: { click: () => store.set({ tab: some ? 'runs' : 'new' }) } }, t(some ? 'tab.runs' : 'result.none.button')),
      ),
    ];
  }
  const { amount, shape } = stormLabel(run);
  const title = h('h2', { class: 'storm' }, amount, shape && h('span', {}, shape));
  if (run.state === 'failed' || run.state === 'cancelled') {
    return [
      title,
      h('div', { class: 'trouble', role: 'alert' }, h('h3', {}, t(`result.${run.state}.title`)), h('p', {}, t(`result.${run.state}.text`)), message(run)),
    ];
  }
  const gone = state.linkGone ? h('p', { class: 'trouble', role: 'alert' }, t('result.link_gone')) : null;
  return [gone, title, run.state === 'done' ? h('p', { class: 'quiet-text' }, t('result.maxima'), ' ', t('result.hint')) : null];
}

/** What the run itself says of its area, its losses and its measures. */
function notes(run: Run): HTMLElement | null {
  const { area, notes: told } = run.manifest ?? { area: null, notes: [] };
  const sentence = area ? pick({ de: area.sentence_de, en: area.sentence_en }) : '';
  if (!sentence && told.length === 0) return null;
  return h(
    'div',
    { class: 'notes' },
    sentence ? h('p', { class: 'remark note', id: 'area-sentence' }, sentence) : null,
    told.length > 0
      ? h('details', { class: 'about', id: 'run-notes' }, h('summary', {}, t('result.notes', { count: told.length })), h('ul', { lang: 'en' }, ...told.map((note) => h('li', {}, note))))
      : null,
  );
}

function message(run: Run): HTMLElement | null {
  return run.message && run.state === 'failed' ? h('p', { class: 'machine' }, pick({ de: run.message, en: run.message_en ?? '' })) : null;
}

/** Which layer the map shows. */
function chooser(state: Readonly<State>, store: Store): HTMLElement {
  return h(
      'fieldset',
      { class: 'views' },
      h('legend', {}, t('view.choose')),
      ...VIEWS.map((view) =>
        h(
          'label',
          {},
          h('input', {
            type: 'radio',
            name: 'view',
            id: `view-${view}`,
            value: view,
            checked: view === state.view,
            on: { change: () => store.set({ view }) },
          }),
          h('span', {}, t(`view.${view}`)),
        ),
      ),
  );
}

/** How strongly the water covers the relief. */
function opacity(state: Readonly<State>, store: Store, percent: HTMLElement): HTMLElement {
  return h(
      'label',
      { class: 'opacity' },
      h('span', {}, t('opacity')),
      h('input', {
        type: 'range',
        id: 'opacity',
        min: 20,
        max: 100,
        step: 5,
        value: Math.round(state.opacity * 100),
        on: { input: (event) => store.set({ opacity: Number((event.target as HTMLInputElement).value) / 100 }) },
      }),
      percent,
  );
}
