/** Title block of the panel: place, kind of document, badge, language, terrain. */

import type { Actions } from '../actions';
import { fill, h } from '../dom';
import { lang, t } from '../i18n';
import type { Store } from '../state';
import type { Lang } from '../types';

export function createHeader(store: Store, actions: Actions, speak: (next: Lang) => void): HTMLElement {
  const box = h('header', { class: 'title' });
  store.on(['terrain', 'terrains'], ({ terrain, terrains }) => {
    const name = terrain?.name ?? t('app.subtitle');
    document.title = terrain ? `${name} · ${t('app.subtitle')}` : t('app.subtitle');
    fill(
      box,
      h(
        'div',
        { class: 'top' },
        h('p', { class: 'kind' }, t('app.subtitle')),
        h(
          'div',
          { class: 'languages', role: 'group', 'aria-label': t('app.language') },
          ...(['de', 'en'] as const).map((code) =>
            h(
              'button',
              {
                id: `lang-${code}`,
                type: 'button',
                lang: code,
                'aria-pressed': String(code === lang()),
                'aria-label': code === 'de' ? 'DE Deutsch' : 'EN English',
                on: { click: () => speak(code) },
              },
              code.toUpperCase(),
            ),
          ),
        ),
      ),
      h('h1', {}, terrain ? name : '\u00a0'),
      terrain?.synthetic && h('p', { class: 'badge', title: t('app.synthetic.tip') }, t('app.synthetic')),
      terrains.length > 1 &&
        h(
          'label',
          { class: 'terrain' },
          h('span', {}, t('app.terrain')),
          h(
            'select',
            {
              id: 'terrain',
              on: {
                change: (event) => {
                  const chosen = terrains.find((x) => x.id === (event.target as HTMLSelectElement).value);
                  if (chosen) void actions.goTo(chosen);
                },
              },
            },
            ...terrains.map((x) => h('option', { value: x.id, selected: x.id === terrain?.id }, x.name)),
          ),
        ),
    );
  });
  return box;
}
