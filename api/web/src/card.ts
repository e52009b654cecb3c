/** The card with the values at one place of the map. Esc closes it. */

import { fill, h, icon, show } from './dom';
import type { Key } from './i18n';
import { pick, t } from './i18n';
import type { Store } from './state';
import type { PointValue, Reading } from './types';

/** How the service writes that there is no such moment here. */
const NOTHING = '–';
const ROWS = ['max_depth', 'max_speed', 'arrival_time', 'time_of_max_depth', 'duration'] as const;

export function createCard(store: Store, origin: (lng: number, lat: number) => void): HTMLElement {
  const box = h('section', { class: 'card sheet', hidden: true, 'aria-live': 'polite' });
  const close = (): void => store.set({ point: null });
  store.on(['point', 'comparison'], ({ point, comparison }) => {
    show(box, point !== null);
    if (!point) return;
    const existing = point.before === null && point.run === comparison?.without;
    box.setAttribute('aria-label', t('card.title'));
    fill(
      box,
      h(
        'header',
        {},
        h('h2', {}, t('card.title'), existing ? ` (${t('compare.without')})` : ''),
        h('button', { id: 'card-close', type: 'button', class: 'quiet', 'aria-label': t('card.close'), title: t('card.close'), on: { click: close } }, icon('M6 6l12 12M18 6L6 18')),
      ),
      ...(typeof point.value === 'string' ? [h('p', {}, t(`card.${point.value}`))] : content(point.value, point.before)),
      store.state.terrain?.id ? h('button', { id: 'card-origin', type: 'button', class: 'link', on: { click: () => { close(); origin(point.lng, point.lat); } } }, t('origin.ask')) : null,
    );
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && store.state.point) close();
  });
  return box;
}

function content(value: PointValue, before: PointValue | null): HTMLElement[] {
  if (!value.inside) return [h('p', {}, t('card.outside'))];
  if (value.blocked) return [h('p', {}, t('card.blocked'))];
  if (before) return [h('dl', {}, ...pair(value, before)), h('p', { class: 'note' }, t('card.note'))];
  const rows = ROWS.flatMap((key) => {
    const reading = value[key];
    return reading && reading.text_de !== NOTHING ? [row(`card.${key}`, reading, key === 'max_depth')] : [];
  });
  return [h('dl', {}, ...rows), h('p', { class: 'note' }, t('card.note'))];
}

/** Largest depth without the measures and with them. */
function pair(value: PointValue, before: PointValue): HTMLElement[] {
  return ([['card.without', before.max_depth], ['card.with', value.max_depth]] as const).flatMap(([label, reading]) => (reading ? [row(label, reading, false)] : []));
}

function row(label: Key, reading: Reading, main: boolean): HTMLElement {
  return h(
    'div',
    main ? { class: 'main' } : {},
    h('dt', {}, t(label)),
    h('dd', {}, pick({ de: reading.text_de, en: reading.text_en })),
  );
}
