/** The course of the rain, drawn small: one bar for each step. */

import { h, svg } from '../dom';
import { t } from '../i18n';
import type { Hyetograph } from '../plan/replies';
import { minutes, number } from '../words';

const WIDTH = 320;
const HEIGHT = 64;

export function drawHyetograph({ edges_min, rates_mm_h }: Hyetograph): HTMLElement {
  const end = edges_min.at(-1) ?? 1;
  const most = Math.max(...rates_mm_h, 1e-9);
  const from = rates_mm_h.indexOf(Math.max(...rates_mm_h));
  const words = t('course.words', { rate: number(most, most < 10 ? 1 : 0), from: minutes(edges_min[from] ?? 0), to: minutes(edges_min[from + 1] ?? end) });
  const bars = rates_mm_h.map((rate, i) => {
    const x = ((edges_min[i] as number) / end) * WIDTH;
    const wide = ((edges_min[i + 1] as number) / end) * WIDTH - x;
    const high = (rate / most) * HEIGHT;
    return svg('rect', { x: x.toFixed(2), y: (HEIGHT - high).toFixed(2), width: Math.max(wide - 0.8, 0.6).toFixed(2), height: high.toFixed(2) });
  });
  const drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${t('course.title')}: ${words}` }, ...bars);
  return h(
    'figure',
    { class: 'hyetograph' },
    h('figcaption', {}, h('span', {}, t('course.title')), h('span', {}, t('course.most', { rate: number(most, most < 10 ? 1 : 0) }))),
    drawing,
    h('div', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, '0'), h('span', {}, minutes(end))),
  );
}
