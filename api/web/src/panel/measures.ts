/** Fourth part of the form: what the city could build. Drawn, loaded from a file, changed, checked. */

import { fill, h, refocus } from '../dom';
import { t } from '../i18n';
import { fromFeatures, toFeatures } from '../plan/features';
import type { MeasureKind } from '../plan/kinds';
import { KINDS, kindOf } from '../plan/kinds';
import type { Measure } from '../plan/plan';
import { newMeasure } from '../plan/plan';
import { service } from '../plan/service';
import { asProblem, Problem } from '../problem';
import { announce } from '../speak';
import type { State, Store } from '../state';
import { answered } from '../state';
import type { LngLat } from '../types';
import { button, foldingPart } from './controls';
import { measureEditor, measureFigures } from './measure';
import { problemLine, remarkLine, remarksOf } from './remarks';

const LARGEST_BYTES = 8 << 20;

export function createMeasures(store: Store, computeWith: () => void): HTMLElement {
  const { box, say, body } = foldingPart('part-measures', false);
  const adding = h('div', {});
  const trouble = h('div', {});
  const list = h('ul', { class: 'measures' });
  const file = h('div', { class: 'buttons-row' });
  body.append(adding, trouble, list, file);
  let kind: MeasureKind = 'wall';

  const put = (measures: Measure[]): void => store.set({ plan: { ...store.state.plan, measures } });
  const draw = (what: MeasureKind, done: (points: LngLat[]) => void): void => {
    box.open = true;
    store.set({ sketch: { shape: kindOf(what).shape, title: t(`measure.${what}`), points: [], done }, selected: null, tool: null });
  };
  const add = (points: LngLat[]): void => {
    const { measures } = store.state.plan;
    const measure = newMeasure(kind, points, measures);
    put([...measures, measure]);
    store.set({ selected: measure.id });
  };
  const load = (chosen: File): void => {
    trouble.replaceChildren();
    void read(chosen, store.state)
      .then(({ measures, skipped }) => {
        store.set({ skipped });
        put([...store.state.plan.measures, ...measures]);
        announce(t('measures.loaded', { count: measures.length }));
      })
      .catch((error: unknown) => fill(trouble, problemLine(asProblem(error))));
  };

  const drawAdding = (): void =>
    fill(
      adding,
      h('p', { class: 'lead' }, t('measures.lead')),
      h(
        'div',
        { class: 'add-row' },
        h('label', { class: 'sr-only', for: 'measure-kind' }, t('measures.kind')),
        h(
          'select',
          { id: 'measure-kind', on: { change: (event) => { kind = (event.target as HTMLSelectElement).value as MeasureKind; drawAdding(); } } },
          ...KINDS.map((one) => h('option', { value: one.kind, selected: one.kind === kind }, t(`measure.${one.kind}`))),
        ),
        button('measure-draw', 'secondary', t('measures.draw'), () => draw(kind, add)),
      ),
      h('p', { class: 'help' }, t(`measure.${kind}.tip`)),
    );
  store.watch(['terrain'], () => [], drawAdding);

  store.watch(['skipped'], (s) => [s.skipped], ({ skipped }) => fill(trouble, skipped > 0 && h('p', { class: 'remark warning', role: 'alert' }, t('measures.skipped', { count: skipped }))));
  store.watch(['plan', 'selected', 'checked', 'checkedBusy'], (s) => [s.plan.measures, s.selected, s.checked, s.checkedBusy], (state) => {
    const { measures } = state.plan;
    const wrong = remarksOf(state).filter((remark) => remark.severity !== 'note').length;
    say(t('part.measures'), measures.length === 0 ? t('measures.now.none') : wrong ? t('measures.now', { count: measures.length, remarks: wrong }) : String(measures.length), wrong > 0);
    fill(
      list,
      state.checked instanceof Problem && measures.length > 0 ? h('li', {}, problemLine(state.checked)) : null,
      ...measures.map((measure) => item(measure, state, store, put, draw)),
    );
  });
  store.watch(['plan'], (s) => [s.plan.measures.length > 0], ({ plan }) =>
    fill(
      file,
      h(
        'label',
        { class: 'secondary file' },
        t('measures.load'),
        h('input', {
          id: 'measure-file',
          type: 'file',
          accept: '.geojson,.json,application/geo+json',
          on: {
            change: (event) => {
              const input = event.target as HTMLInputElement;
              const chosen = input.files?.[0];
              input.value = '';
              if (chosen) load(chosen);
            },
          },
        }),
      ),
      plan.measures.length > 0 ? button('measure-save', 'secondary', t('measures.save'), () => save(store.state.plan.measures)) : null,
      plan.measures.length > 0 ? button('compute-with', 'link', t('form.only_with'), computeWith) : null,
    ),
  );
  store.on(['selected'], ({ selected, plan }) => {
    if (!plan.measures.some((measure) => measure.id === selected)) return;
    box.open = true;
    list.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
  });
  return box;
}

function item(
  measure: Measure,
  state: Readonly<State>,
  store: Store,
  put: (measures: Measure[]) => void,
  draw: (kind: MeasureKind, done: (points: LngLat[]) => void) => void,
): HTMLElement {
  const chosen = state.selected === measure.id;
  const replace = (next: Measure): void => put(store.state.plan.measures.map((one) => (one.id === measure.id ? next : one)));
  const remarks = remarksOf(state, measure.id);
  return h(
    'li',
    { class: chosen ? 'chosen' : '' },
    h(
      'button',
      {
        id: `measure-${measure.id}`,
        type: 'button',
        class: 'measure',
        'aria-expanded': String(chosen),
        on: { click: () => store.set({ selected: chosen ? null : measure.id }) },
      },
      h('span', { class: 'what' }, measure.title || t(`measure.${measure.kind}`)),
      h('span', { class: 'figures' }, measureFigures(measure)),
    ),
    remarks.length > 0 ? h('ul', { class: 'remarks' }, ...remarks.map(remarkLine)) : null,
    chosen && remarks.length === 0 ? verdict(measure, state) : null,
    chosen
      ? measureEditor(measure, {
          change: replace,
          redraw: () => draw(measure.kind, (points) => { replace(placed(measure, points)); store.set({ selected: measure.id }); }),
          remove: () => remove(measure, store, put),
        })
      : null,
  );
}

/** What there is to say of a measure without remarks: nothing before it was checked as it is now. */
function verdict(measure: Measure, { checked, checkedBusy }: Readonly<State>): HTMLElement | null {
  if (checkedBusy) return h('p', { class: 'checking' }, t('measure.checking'));
  const known = answered(checked)?.measures.some((one) => one.id === measure.id);
  return known ? h('p', { class: 'fine' }, t('measure.fine')) : null;
}

/** A measure drawn anew: it lies where it is drawn, not at buildings that were named. */
function placed(measure: Measure, points: LngLat[]): Measure {
  const { buildings: _, ...values } = measure.values;
  return { ...measure, points, values };
}

function remove(measure: Measure, store: Store, put: (measures: Measure[]) => void): void {
  const { measures } = store.state.plan;
  const at = measures.findIndex((one) => one.id === measure.id);
  const next = measures[at + 1] ?? measures[at - 1];
  refocus(next ? `measure-${next.id}` : 'measure-draw', () => {
    store.set({ selected: null });
    put(measures.filter((one) => one.id !== measure.id));
  });
}

/** Measures of a file; the service reads coordinates and attributes, and says what is wrong. */
async function read(file: File, { terrain, plan }: Readonly<State>): Promise<ReturnType<typeof fromFeatures>> {
  if (file.size > LARGEST_BYTES) throw new Problem(0, 'error', t('measures.too_large'));
  let data;
  try {
    data = JSON.parse((await file.text()).replace(/^\ufeff/, ''));
  } catch {
    throw new Problem(0, 'error', t('measures.no_json', { name: file.name }));
  }
  const { features } = await service.parse(terrain?.id ?? '', data);
  return fromFeatures(features, plan.measures);
}

function save(measures: readonly Measure[]): void {
  const blob = new Blob([JSON.stringify(toFeatures(measures), null, 1)], { type: 'application/geo+json' });
  const link = h('a', { href: URL.createObjectURL(blob), download: `${t('measures.file')}.geojson` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
