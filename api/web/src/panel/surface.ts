/** Second part of the form: what the ground takes, what the sewer takes, and where roofs drain to. */

import { fill, h } from '../dom';
import { pick, t } from '../i18n';
import type { Losses, Plan, Roof, Sewer } from '../plan/plan';
import { hasBuildings, hasLandCover } from '../plan/plan';
import type { LandCover } from '../plan/replies';
import { isRunOff } from '../plan/storm';
import type { Store } from '../state';
import { number, numberFault, parseNumber } from '../words';
import { choices, field, foldingPart, more } from './controls';

export function createSurface(store: Store, unfolded: () => void): HTMLElement {
  const { box, say, body } = foldingPart('part-surface', false);
  const change = (patch: Partial<Plan>): void => store.set({ plan: { ...store.state.plan, ...patch } });
  box.addEventListener('toggle', () => box.open && unfolded());

  store.watch(
    ['plan', 'terrain', 'landCover'],
    (s) => [s.plan.losses, s.plan.sewer, s.plan.sewerRate, s.plan.roof, isRunOff(s.plan.storm), s.terrain, s.landCover],
    ({ plan, terrain, landCover }) => {
      const runOff = isRunOff(plan.storm);
      const cover = hasLandCover(terrain);
      const losses = cover ? plan.losses : 'none';
      say(t('part.surface'), runOff ? t('surface.now.runoff') : t('surface.now', { losses: t(`losses.${losses}.short`), sewer: t(`sewer.${plan.sewer}`) }));
      if (runOff) {
        fill(body, h('p', { class: 'remark note' }, t('form.runoff_value')));
        return;
      }
      const rate = parseNumber(plan.sewerRate);
      fill(
        body,
        choices(
          'losses',
          t('losses.title'),
          [
            { value: 'moderate', label: t('losses.moderate'), tip: t(cover ? 'losses.moderate.tip' : 'losses.no_cover'), disabled: !cover },
            { value: 'none', label: t('losses.none'), tip: t('losses.none.tip') },
          ],
          losses,
          (value) => change({ losses: value as Losses }),
        ),
        cover && losses === 'moderate' && landCover ? assumed(landCover) : null,
        choices(
          'sewer',
          t('sewer.title'),
          (['none', 'flat', 'capacity'] as const).map((kind) => ({ value: kind, label: t(`sewer.${kind}`), tip: t(`sewer.${kind}.tip`) })),
          plan.sewer,
          (value) => change({ sewer: value as Sewer, ...(value !== 'none' && { roof: 'ground' as const }) }),
        ),
        plan.sewer === 'none'
          ? null
          : field({
              id: 'sewer-rate',
              label: t('sewer.rate'),
              value: plan.sewerRate,
              unit: 'mm/h',
              help: t('sewer.rate.tip'),
              fault: rate === null ? numberFault(plan.sewerRate) : rate > 0 && rate <= 1000 ? undefined : 'check.rate.range',
              type: (sewerRate) => change({ sewerRate }),
            }),
        hasBuildings(terrain)
          ? choices(
              'roof',
              t('roof.title'),
              [
                { value: 'ground', label: t('roof.ground'), tip: t('roof.ground.tip') },
                { value: 'sewer', label: t('roof.sewer'), tip: t(plan.sewer === 'none' ? 'roof.sewer.tip' : 'roof.twice'), disabled: plan.sewer !== 'none' },
              ],
              plan.roof,
              (value) => change({ roof: value as Roof }),
            )
          : null,
      );
    },
  );
  return box;
}

/** The values behind "moderate", each class with where its numbers come from. */
function assumed({ classes, marks }: LandCover): HTMLElement {
  const marksOf = (marked: Record<string, string>): string =>
    [...new Set(['horton', 'initial_loss'].map((group) => marked[group] ?? ''))].map((mark) => marks[mark] ?? mark).join('; ');
  const rows = classes.map((c) => {
    const [most, least] = c.horton;
    return h(
      'tr',
      { title: marksOf(c.marks) },
      h('th', { scope: 'row' }, pick({ de: c.label_de, en: c.label_en })),
      h('td', {}, most > 0 ? `${number(most)} → ${number(least, 1)}` : '–'),
      h('td', {}, number(c.initial_loss_mm, 1)),
      h('td', {}, `${number(c.sealed * 100)}\u202f%`),
    );
  });
  const used = [...new Set(classes.map((c) => marksOf(c.marks)))];
  return more(
    'about-losses',
    t('losses.assumed'),
    h('p', {}, t('losses.assumed.text')),
    h(
      'table',
      { class: 'facts assumed' },
      h('thead', {}, h('tr', {}, ...(['class', 'seeps', 'wets', 'sealed'] as const).map((key) => h('th', { scope: 'col' }, t(`losses.col.${key}`))))),
      h('tbody', {}, ...rows),
    ),
    h('p', { class: 'source', lang: 'en' }, used.join(' · ')),
  );
}
