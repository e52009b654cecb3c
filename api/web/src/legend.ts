/** Legend of the layer on the map, and the box that says what the map does not show. Both always visible. */

import { fill, h } from './dom';
import { pick, t } from './i18n';
import type { Store } from './state';
import { showsDifference, shownRun } from './state';

export function createLegend(store: Store): HTMLElement {
  const box = h('section', { class: 'legend sheet' });
  store.on(['legend', 'view', 'difference', 'comparison', 'tab', 'estimating', 'rung', 'run'], (state) => {
    box.hidden = state.legend === null;
    box.setAttribute('aria-label', t('legend.title'));
    const { legend, view, comparison, tab, estimating } = state;
    if (!legend) return;
    const estimated = tab === 'new' && estimating;
    const what = estimated ? (state.rung === 'quick' ? 'quick' : 'estimate') : showsDifference(state) ? 'difference' : view;
    const existing = comparison !== null && shownRun(state) === comparison.without;
    const classes = estimated ? legend.max_depth : what === 'difference' ? (comparison?.legend ?? []) : legend[view];
    fill(
      box,
      h('h2', {}, t(`legend.${what}`)),
      h('p', { class: 'sub' }, existing ? `${t('compare.without')}. ` : '', t(`legend.sub.${what}`)),
      h(
        'ul',
        {},
        ...classes.map((c) => {
          const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
          swatch.style.setProperty('--fill', c.colour);
          return h('li', {}, swatch, pick({ de: c.label_de, en: c.label_en }));
        }),
        what === 'estimate' ? h('li', {}, h('span', { class: 'swatch path', 'aria-hidden': 'true' }), t('legend.path')) : null,
        what === 'difference' ? h('li', {}, h('span', { class: 'swatch measure', 'aria-hidden': 'true' }), t('legend.measure')) : null,
        h('li', { class: 'extra' }, h('span', { class: 'swatch building', 'aria-hidden': 'true' }), t('legend.building')),
      ),
      h('p', { class: 'below' }, t(`legend.below.${what}`)),
    );
  });
  return box;
}

export function createNotShown(store: Store): HTMLElement {
  const box = h('section', { class: 'not-shown sheet' });
  store.on(['legend'], ({ legend }) => {
    const told = legend && pick({ de: legend.not_shown_de, en: legend.not_shown_en });
    const [title, ...text] = (told ?? t('notshown')).split(': ');
    fill(box, h('h2', {}, `${title}:`), ' ', h('p', {}, text.join(': ')));
  });
  return box;
}
