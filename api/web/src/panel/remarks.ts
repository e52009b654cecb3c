/** What the linter says of measures, in sentences. */

import { h } from '../dom';
import { lang, pick, t } from '../i18n';
import type { Remark } from '../plan/replies';
import { Problem } from '../problem';
import type { State } from '../state';

/** Messages of the service's checks are English: a screen reader should know. */
export function isEnglishOnly(): string | null {
  return lang() === 'de' ? 'en' : null;
}

export function remarksOf(state: Readonly<State>, measure?: string): Remark[] {
  const { checked } = state;
  if (!checked || checked === 'asking' || checked instanceof Problem) return [];
  return measure === undefined ? checked.remarks : checked.remarks.filter((remark) => remark.measure === measure);
}

export function remarkLine(remark: Remark): HTMLElement {
  return h(
    'li',
    { class: `remark ${remark.severity}` },
    h('strong', {}, `${t(`remark.${remark.severity}`)}: `),
    pick({ de: remark.text_de, en: remark.text_en }),
  );
}

export function problemLine(problem: Problem): HTMLElement {
  return h('p', { class: 'remark error', role: 'alert' }, problem.detail ? h('span', { lang: isEnglishOnly() }, problem.detail) : t('problem.error'));
}
