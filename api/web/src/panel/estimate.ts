/** The label of the quick estimate on the map: what it is, what it leaves out, how far it was from full runs. */

import { fill, h } from '../dom';
import { pick, t } from '../i18n';
import type { Estimate, Rung } from '../plan/replies';
import { Problem } from '../problem';
import type { State, Store } from '../state';
import { unit } from '../words';
import { more, toggles } from './controls';
import { problemLine } from './remarks';

export function createEstimate(store: Store): HTMLElement {
  const text = h('div', { 'aria-live': 'polite' });
  const rungs = h('div', {});
  const box = h('section', { class: 'estimate chip sheet', hidden: true }, text, rungs);
  store.watch(['rung'], (s) => [s.rung], ({ rung }) => {
    const options = (['sinks', 'quick'] as const).map((value) => ({ value, label: t(`rung.${value}`), tip: t(`rung.${value}.tip`) }));
    fill(rungs, toggles('rung', t('rung.title'), options, rung, (value) => store.set({ rung: value as Rung })));
  });
  store.watch(['estimating', 'estimate', 'estimateBusy', 'tab', 'rung'], (s) => [s.estimating, s.estimate, s.estimateBusy, s.tab, s.rung], (state) => {
    box.hidden = !state.estimating || state.tab !== 'new';
    box.setAttribute('aria-busy', String(state.estimateBusy));
    fill(text, ...content(state));
  });
  return box;
}

function content({ estimate, rung }: Readonly<State>): (HTMLElement | null)[] {
  if (estimate instanceof Problem) return [h('h2', {}, t('estimate.title')), problemLine(estimate)];
  if (!estimate || estimate === 'asking' || estimate.rung !== rung) return [h('h2', {}, t('estimate.title')), h('p', { class: 'quiet-text' }, t(`rung.${rung}.asking`))];
  return [
    h('h2', {}, pick({ de: estimate.label_de, en: estimate.label_en })),
    h('p', {}, pick({ de: estimate.shows_de, en: estimate.shows_en })),
    more(
      'about-estimate',
      t('estimate.about'),
      h('p', {}, pick({ de: estimate.leaves_out_de, en: estimate.leaves_out_en })),
      h('p', {}, pick({ de: estimate.distance_de, en: estimate.distance_en })),
      h('p', {}, figures(estimate)),
    ),
  ];
}

function figures({ figures: f }: Estimate): string {
  const volume = (m3: number | null): string => unit(Math.round(m3 ?? 0), 'm³');
  return t('estimate.figures', { rain: volume(f.rain_m3), taken: volume(f.taken_m3), stored: volume(f.stored_m3), left: volume(f.left_m3) });
}
