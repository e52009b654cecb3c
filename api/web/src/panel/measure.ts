/** One measure: its attributes as fields, and what can be done with it. */

import { h } from '../dom';
import { t } from '../i18n';
import { attributeFault } from '../plan/features';
import type { Field } from '../plan/kinds';
import { kindOf } from '../plan/kinds';
import type { Measure } from '../plan/plan';
import { button, field } from './controls';

interface Acts {
  change: (next: Measure) => void;
  redraw: () => void;
  remove: () => void;
}

export function measureEditor(measure: Measure, acts: Acts): HTMLElement {
  const { fields } = kindOf(measure.kind);
  const one = (spec: Field): HTMLElement => control(spec, measure, (value) => {
    const other = value && spec.instead ? { [spec.instead]: '' } : {};
    acts.change({ ...measure, values: { ...measure.values, ...other, [spec.key]: value } });
  });
  const expert = fields.filter((spec) => spec.expert);
  return h(
    'div',
    { class: 'editor' },
    h('p', { class: 'help' }, measure.points.length > 0 ? t('measure.handles') : t('measure.buildings', { buildings: String(measure.values['buildings'] ?? '') })),
    h('div', { class: 'fields' }, ...fields.filter((spec) => !spec.expert).map(one)),
    h(
      'details',
      { class: 'about', id: `more-${measure.id}` },
      h('summary', {}, t('measure.more')),
      h(
        'div',
        { class: 'fields' },
        h(
          'div',
          { class: 'field wide' },
          h('label', { for: 'measure-title' }, t('measure.title')),
          h(
            'span',
            { class: 'entry' },
            h('input', {
              id: 'measure-title',
              type: 'text',
              maxlength: 200,
              autocomplete: 'off',
              value: measure.title,
              on: { input: (event) => acts.change({ ...measure, title: (event.target as HTMLInputElement).value }) },
            }),
          ),
        ),
        ...expert.map(one),
      ),
    ),
    h(
      'div',
      { class: 'buttons-row' },
      button('measure-redraw', 'secondary', t('measure.redraw'), acts.redraw),
      button('measure-remove', 'secondary', t('measure.remove'), acts.remove),
    ),
  );
}

function control(spec: Field, measure: Measure, change: (value: string | boolean) => void): HTMLElement {
  const id = `attr-${spec.key}`;
  const label = t(`attr.${spec.key}`);
  const value = measure.values[spec.key];
  if (spec.kind === 'yes') {
    return h(
      'label',
      { class: 'tick wide' },
      h('input', { id, type: 'checkbox', checked: value === true, on: { change: (event) => change((event.target as HTMLInputElement).checked) } }),
      h('span', {}, label),
    );
  }
  if (spec.kind === 'choice') {
    const options = spec.options ?? [];
    const known = typeof value === 'string' && !options.includes(value) ? [...options, value] : options;
    return h(
      'div',
      { class: 'field' },
      h('label', { for: id }, label),
      h(
        'select',
        { id, on: { change: (event) => change((event.target as HTMLSelectElement).value) } },
        ...known.map((option) => h('option', { value: option, selected: option === value }, optionName(option))),
      ),
    );
  }
  const typed = typeof value === 'string' ? value : '';
  return field({ id, label, value: typed, unit: spec.unit ?? '', fault: attributeFault(spec, measure.values), type: change });
}

const OPTIONS = ['circular', 'box', 'garden', 'meadow', 'shrub', 'forest', 'ballast'] as const;

/** A choice in words; a key of a city's own land-cover table stays as it is. */
function optionName(option: string): string {
  const known = OPTIONS.find((name) => name === option);
  return known ? t(`option.${known}`) : option;
}

/** The figures that tell measures of a kind apart, as typed. */
export function measureFigures(measure: Measure): string {
  return kindOf(measure.kind)
    .fields.filter((spec) => spec.kind === 'number' && measure.values[spec.key])
    .slice(0, 2)
    .map((spec) => `${t(`attr.${spec.key}`)} ${String(measure.values[spec.key])}\u202f${spec.unit ?? ''}`.trim())
    .join(' · ');
}
