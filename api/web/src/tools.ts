/** What stands at the top of the map: the drawing in progress, the question for water's origin, the estimate's label. */

import { fill, h, icon, refocus, show } from './dom';
import { pick, t } from './i18n';
import { complete, finish } from './map/sketch';
import { button } from './panel/controls';
import { createEstimate } from './panel/estimate';
import { Problem } from './problem';
import type { Sketch, State, Store } from './state';

const DROP = 'M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z';
const CROSS = 'M6 6l12 12M18 6L6 18';

export function createTools(store: Store): HTMLElement {
  const ask = h('button', { id: 'tool-origin', type: 'button', class: 'tool sheet' });
  ask.addEventListener('click', () => store.set({ tool: store.state.tool ? null : 'origin', origin: null, sketch: null, point: null }));
  const sketch = h('section', { class: 'chip sheet sketch-bar', hidden: true, 'aria-live': 'polite' });
  const origin = h('section', { class: 'chip sheet', hidden: true, 'aria-live': 'polite' });

  store.on(['tool', 'terrain', 'sketch'], ({ tool, terrain, sketch: drawing }) => {
    ask.hidden = !terrain?.id || drawing !== null;
    ask.setAttribute('aria-pressed', String(tool === 'origin'));
    fill(ask, icon(DROP), h('span', {}, t('origin.ask')));
  });
  store.on(['sketch'], (state) => {
    show(sketch, state.sketch !== null);
    if (state.sketch) fill(sketch, ...sketchBar(state.sketch, store));
  });
  store.on(['origin', 'tool'], (state) => {
    const told = originText(state);
    show(origin, told !== null);
    if (told === null) return;
    const close = (): void => store.set({ origin: null, tool: null });
    fill(
      origin,
      h('p', {}, told),
      h('button', { id: 'origin-close', type: 'button', class: 'quiet', 'aria-label': t('card.close'), title: t('card.close'), on: { click: close } }, icon(CROSS)),
    );
  });
  return h('div', { class: 'map-top' }, ask, sketch, origin, createEstimate(store));
}

function sketchBar(sketch: Sketch, store: Store): HTMLElement[] {
  const set = (points: Sketch['points']): void => store.set({ sketch: { ...sketch, points } });
  const several = sketch.shape === 'line' || sketch.shape === 'polygon';
  return [
    h('p', {}, h('strong', {}, sketch.title), ' ', t(`sketch.${sketch.shape}`), h('span', { class: 'sr-only' }, ' ', t('sketch.keys'))),
    h(
      'div',
      { class: 'buttons-row' },
      several ? button('sketch-done', 'secondary', t('sketch.done'), () => finish(store), { disabled: !complete(sketch) }) : null,
      sketch.points.length > 0 ? button('sketch-back', 'secondary', t('sketch.back'), () => refocus('sketch-cancel', () => set(sketch.points.slice(0, -1)))) : null,
      button('sketch-cancel', 'secondary', t('sketch.cancel'), () => store.set({ sketch: null })),
    ),
  ];
}

function originText({ origin, tool }: Readonly<State>): string | null {
  if (tool === 'origin') return t('origin.click');
  if (origin === 'asking') return t('origin.asking');
  if (origin instanceof Problem) return origin.detail || t('problem.error');
  return origin && pick({ de: origin.text_de, en: origin.text_en });
}
