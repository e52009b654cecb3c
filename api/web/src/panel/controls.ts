/** Parts that the forms are made of: fields, choices, folding sections. */

import { append, h } from '../dom';
import type { Key } from '../i18n';
import { t } from '../i18n';
import { plain } from '../words';

export interface FieldOptions {
  id: string;
  label: string;
  value: string;
  unit?: string;
  help?: string;
  fault?: Key | undefined;
  type?: (text: string) => void;
}

/** A text field for a number, with its unit behind it and help or fault below. */
export function field({ id, label, value, unit, help, fault, type }: FieldOptions): HTMLElement {
  return h(
    'div',
    { class: fault ? 'field wrong' : 'field' },
    h('label', { for: id }, label),
    h(
      'span',
      { class: 'entry' },
      h('input', {
        id,
        name: id,
        type: 'text',
        inputmode: 'decimal',
        autocomplete: 'off',
        value,
        'aria-invalid': fault ? 'true' : null,
        'aria-describedby': `${id}-help`,
        on: { input: (event) => type?.((event.target as HTMLInputElement).value) },
      }),
      unit ? h('span', { class: 'unit' }, unit) : null,
    ),
    h('p', { class: 'help', id: `${id}-help` }, fault ? t(fault, { plain: plain(value) }) : (help ?? '')),
  );
}

export interface Option {
  value: string;
  label: string;
  tip?: string | undefined;
  disabled?: boolean;
}

/** A list of choices, one of them taken; each may explain itself. */
export function choices(name: string, legend: string, options: readonly Option[], taken: string, choose: (value: string) => void): HTMLElement {
  return h(
    'fieldset',
    { class: 'choices' },
    h('legend', {}, legend),
    ...options.map(({ value, label, tip, disabled }) =>
      h(
        'div',
        { class: `choice${value === taken ? ' chosen' : ''}${disabled ? ' off' : ''}` },
        h(
          'label',
          {},
          h('input', {
            type: 'radio',
            name,
            id: `${name}-${value}`,
            value,
            checked: value === taken,
            disabled: disabled === true,
            on: { change: () => choose(value) },
          }),
          h('span', {}, label, tip ? h('small', {}, tip) : null),
        ),
      ),
    ),
  );
}

/** Two or three short choices side by side. */
export function toggles(name: string, legend: string, options: readonly Option[], taken: string, choose: (value: string) => void): HTMLElement {
  return h(
    'fieldset',
    { class: 'kinds' },
    h('legend', {}, legend),
    ...options.map(({ value, label, tip }) =>
      h(
        'label',
        tip ? { title: tip } : {},
        h('input', { type: 'radio', name, id: `${name}-${value}`, checked: value === taken, on: { change: () => choose(value) } }),
        h('span', {}, label),
      ),
    ),
  );
}

export interface Part {
  box: HTMLDetailsElement;
  /** Title, and what is chosen inside, in a few words. */
  say: (title: string, now: string, alarm?: boolean) => void;
  body: HTMLElement;
}

/** A section of the form that folds; what is chosen stays readable when it is folded. */
export function foldingPart(id: string, open: boolean): Part {
  const title = h('span', { class: 'part-title' });
  const now = h('span', { class: 'part-now' });
  const body = h('div', { class: 'part-body' });
  const box = h('details', { class: 'part', id, open }, h('summary', { id: `${id}-title` }, title, now), body);
  return {
    box,
    body,
    say: (name, chosen, alarm) => {
      title.textContent = name;
      now.textContent = chosen;
      now.classList.toggle('alarm', alarm === true);
    },
  };
}

export function button(id: string, className: string, label: string, act: () => void, more: Record<string, string | boolean | null> = {}): HTMLButtonElement {
  return h('button', { id, type: 'button', class: className, ...more, on: { click: act } }, label);
}

/** A text that unfolds. */
export function more(id: string, summary: string, ...content: (HTMLElement | string | null)[]): HTMLElement {
  const box = h('details', { class: 'about', id }, h('summary', {}, summary));
  append(box, content);
  return box;
}
