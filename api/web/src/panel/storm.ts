/** First part of the form: which rain, how much more of it, how it falls, and which index it has. */

import { fill, h } from '../dom';
import { pick, t } from '../i18n';
import { check, isRunOff, namesOf, timesOf, withPreset } from '../plan/storm';
import type { StormField, StormWish } from '../plan/storm';
import { Problem } from '../problem';
import type { State, Store } from '../state';
import type { StormPreset } from '../types';
import { minutes, number } from '../words';
import { field, foldingPart, more, toggles } from './controls';
import { drawHyetograph } from './hyetograph';

const OWN = 'own';
/** So many published storms stand on the first screen; the others unfold. */
const FIRST = 5;
/** Up to this index the sewer still takes a good part of the rain. */
const SEWER_COUNTS = 5;

export function createStorm(store: Store): HTMLElement {
  const { box, say, body } = foldingPart('part-storm', true);
  const list = h('div', {});
  const course = h('div', { class: 'course' });
  const after = h('div', {});
  body.append(list, course, after);

  const change = (patch: Partial<StormWish>): void => {
    const { plan } = store.state;
    store.set({ plan: { ...plan, storm: { ...plan.storm, ...patch } } });
  };
  const put = (storm: StormWish): void => store.set({ plan: { ...store.state.plan, storm } });

  store.watch(['plan', 'storms', 'notOffered'], (s) => [s.plan.storm, s.storms, s.notOffered], (state) => {
    const { storm } = state.plan;
    const faults = check(storm);
    say(t('part.storm'), nameOf(storm));
    const entry = (name: StormField, unit: string, help: string): HTMLElement =>
      field({ id: name, label: t(`form.${name}`), value: storm[name], unit, help, fault: faults[name], type: (text) => change({ [name]: text }) });
    fill(list, storms(state, put, () => own(storm, change, entry)));
    fill(
      after,
      h(
        'div',
        { class: 'pair' },
        isRunOff(storm) ? null : entry('surcharge', '%', t('form.surcharge.tip')),
        entry('runoff', t('form.duration.unit'), t('form.runoff.tip')),
      ),
    );
  });
  store.watch(['hyetograph', 'index', 'plan'], (s) => [s.hyetograph, s.index, s.indexElsewhere, s.plan.storm.preset, s.plan.sewer], (state) => {
    const { hyetograph } = state;
    const drawn = hyetograph && hyetograph !== 'asking' && !(hyetograph instanceof Problem) ? drawHyetograph(hyetograph) : null;
    fill(course, drawn, ...indexLines(state));
  });
  return box;
}

function nameOf(storm: StormWish): string {
  if (storm.preset) return namesOf(pick({ de: storm.preset.label_de, en: storm.preset.label_en })).name;
  return `${storm.depth} ${t('form.depth.unit')} · ${storm.duration} ${t('form.duration.unit')}`;
}

function storms(state: Readonly<State>, put: (storm: StormWish) => void, ownFields: () => HTMLElement): HTMLElement {
  const { storm } = state.plan;
  const item = (preset: StormPreset): HTMLElement => {
    const { name, more: rest } = namesOf(pick({ de: preset.label_de, en: preset.label_en }));
    return choice(preset.key, storm.preset?.key === preset.key, () => put(withPreset(storm, preset)), name, rest, () => about(preset));
  };
  const rest = state.storms.slice(FIRST);
  const restChosen = rest.some((preset) => preset.key === storm.preset?.key);
  return h(
    'fieldset',
    { class: 'storms' },
    h('legend', {}, t('form.intro')),
    ...state.storms.slice(0, FIRST).map(item),
    rest.length > 0
      ? h(
          'details',
          { class: 'choice others', id: 'other-storms', open: restChosen },
          h('summary', {}, t('form.others')),
          ...rest.map(item),
          ...state.notOffered.map((event) =>
            h('p', { class: 'not-offered' }, h('strong', {}, pick({ de: event.label_de, en: event.label_en })), ' ', pick({ de: event.why_de, en: event.why_en })),
          ),
        )
      : null,
    choice(OWN, storm.preset === null, () => put({ ...storm, preset: null }), t('form.own'), '', ownFields),
  );
}

function choice(id: string, chosen: boolean, choose: () => void, title: string, rest: string, unfolded: () => HTMLElement): HTMLElement {
  return h(
    'div',
    { class: chosen ? 'choice chosen' : 'choice' },
    h(
      'label',
      {},
      h('input', { type: 'radio', name: 'storm', id: `storm-${id}`, value: id, checked: chosen, on: { change: choose } }),
      h('span', {}, title, rest ? h('small', {}, rest) : null),
    ),
    chosen ? unfolded() : null,
  );
}

function about(preset: StormPreset): HTMLElement {
  return more(
    'about-storm',
    t('form.about'),
    h('p', {}, pick({ de: preset.note_de, en: preset.note_en })),
    h('p', { class: 'source' }, t('form.published', { label: preset.published })),
    preset.statistics ? h('p', { class: 'source' }, t('form.statistics', { name: preset.statistics })) : null,
    h('p', { class: 'source' }, t('form.source', { source: preset.source })),
  );
}

function own(storm: StormWish, change: (patch: Partial<StormWish>) => void, entry: (name: StormField, unit: string, help: string) => HTMLElement): HTMLElement {
  const kinds = (['block', 'euler_ii'] as const).map((kind) => ({ value: kind, label: t(`form.kind.${kind}`) }));
  return h(
    'div',
    { class: 'own' },
    toggles('kind', t('form.kind'), kinds, storm.kind, (kind) => change({ kind: kind as StormWish['kind'] })),
    h('p', { class: 'about' }, t(`form.kind.${storm.kind}.tip`)),
    h(
      'div',
      { class: 'pair' },
      entry('depth', t('form.depth.unit'), t('form.depth.tip')),
      entry('duration', t('form.duration.unit'), ''),
    ),
  );
}

/** Amount with surcharge, Starkregenindex with its statistics, and what follows from it. */
function indexLines(state: Readonly<State>): (HTMLElement | null)[] {
  const { hyetograph, index, indexElsewhere, plan } = state;
  if (!hyetograph || hyetograph === 'asking') return [];
  if (hyetograph instanceof Problem) return [h('p', { class: 'remark warning' }, hyetograph.detail || t('problem.error'))];
  const sum = h('p', { class: 'amount' }, t('form.amount', { depth: number(hyetograph.depth_mm, 1), duration: minutes(timesOf(plan.storm).rain) }));
  if (isRunOff(plan.storm)) return [sum, h('p', { class: 'remark note' }, t('form.runoff_value'))];
  if (!index || index === 'asking') return [sum];
  if (index instanceof Problem) return [sum, h('p', { class: 'quiet-text' }, t(index.status >= 400 && index.status < 500 ? 'index.none' : 'index.failed'))];
  const word = pick({ de: index.word_de, en: index.word_en });
  return [
    sum,
    h('p', { class: 'index' }, h('strong', {}, index.index ? t('index.is', { index: index.index, word }) : word), ' ', t('index.by', { statistics: index.statistics })),
    index.index <= SEWER_COUNTS && plan.sewer === 'none' ? h('p', { class: 'remark warning', id: 'sewer-note' }, t('index.sewer')) : null,
    more(
      'about-index',
      t('index.why'),
      indexElsewhere ? h('p', {}, t('index.elsewhere', { statistics: index.statistics })) : null,
      h('p', {}, t('index.differ')),
      index.mark ? h('p', { class: 'source' }, t('index.mark')) : null,
    ),
  ];
}
