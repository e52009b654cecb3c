/** The label of the quick estimate on the map: what it is, what it leaves out, how far it was from full runs. */

import { fill, h } from '../dom';
import { pick, t } from '../i18n';
import { Problem } from '../problem';
import type { Store } from '../state';
import { unit } from '../words';
import { more } from './controls';
import { problemLine } from './remarks';

export function createEstimate(store: Store): HTMLElement {
  const box = h('section', { class: 'estimate chip sheet', hidden: true, 'aria-live': 'polite' });
  store.watch(['estimating', 'estimate', 'estimateBusy', 'tab'], (s) => [s.estimating, s.estimate, s.estimateBusy, s.tab], ({ estimating, estimate, estimateBusy, tab }) => {
    box.hidden = !estimating || tab !== 'new';
    box.setAttribute('aria-busy', String(estimateBusy));
    if (estimate instanceof Problem) fill(box, h('h2', {}, t('estimate.title')), problemLine(estimate));
    else if (!estimate || estimate === 'asking') fill(box, h('h2', {}, t('estimate.title')), h('p', { class: 'quiet-text' }, t('estimate.asking')));
    else {
      const { figures } = estimate;
      const volume = (m3: number | null): string => unit(Math.round(m3 ?? 0), 'm³');
      fill(
        box,
        h('h2', {}, pick({ de: estimate.label_de, en: estimate.label_en })),
        h('p', {}, pick({ de: estimate.shows_de, en: estimate.shows_en })),
        more(
          'about-estimate',
          t('estimate.about'),
          h('p', {}, pick({ de: estimate.leaves_out_de, en: estimate.leaves_out_en })),
          h('p', {}, pick({ de: estimate.distance_de, en: estimate.distance_en })),
          h(
            'p',
            {},
            t('estimate.figures', {
              rain: volume(figures.rain_m3),
              taken: volume(figures.taken_m3),
              stored: volume(figures.stored_m3),
              left: volume(figures.left_m3),
            }),
          ),
        ),
      );
    }
  });
  return box;
}
