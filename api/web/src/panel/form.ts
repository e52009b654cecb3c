/** Third tab: which rain, how long, and the button that starts the run. */

import type { Actions } from '../actions';
import { Problem } from '../api';
import { fill, h } from '../dom';
import type { Key } from '../i18n';
import { pick, t } from '../i18n';
import type { Store } from '../state';
import type { StormPreset } from '../types';
import { minutes } from '../words';
import type { Faults, Wish } from './wish';
import { check, scenarioOf, timesOf } from './wish';

const OWN = 'own';
const PROBLEMS = ['unreachable', 'scenario', 'terrain', 'storage', 'not-found', 'busy'] as const;

export function createForm(store: Store, actions: Actions): HTMLElement {
  const wish: Wish = { preset: null, kind: 'block', depth: '50', duration: '60', runoff: '60' };
  let sending = false;
  let trouble: Problem | null = null;
  const form = h('form', { class: 'new-run', novalidate: true });

  const redraw = (): void => {
    const { storms, terrain } = store.state;
    if (storms.length === 0 || !terrain?.id) {
      fill(form, h('p', { class: 'quiet-text' }, t(storms.length === 0 ? 'form.waiting' : 'service.no_terrain.text')));
      return;
    }
    const faults = check(wish);
    const choices = h('fieldset', { class: 'storms' }, h('legend', {}, t('form.intro')), ...storms.map(presetChoice), ownChoice(faults));
    const runoff = field('runoff', 'form.runoff', 'form.duration.unit', 'form.runoff.tip', faults.runoff);
    fill(form, choices, runoff, foot(faults));
  };
  const change = (patch: Partial<Wish>): void => {
    Object.assign(wish, patch);
    trouble = null;
    redraw();
  };

  const choice = (id: string, chosen: boolean, choose: () => void, title: string, ...more: (HTMLElement | null)[]): HTMLElement =>
    h(
      'div',
      { class: chosen ? 'choice chosen' : 'choice' },
      h(
        'label',
        {},
        h('input', { type: 'radio', name: 'storm', id: `storm-${id}`, value: id, checked: chosen, on: { change: choose } }),
        h('span', {}, title),
      ),
      ...(chosen ? more : []),
    );

  const presetChoice = (preset: StormPreset): HTMLElement => {
    const note = pick({ de: preset.note_de, en: preset.note_en });
    const choose = (): void => change({ preset, runoff: String(Math.max(0, preset.duration_min - timesOf({ ...wish, preset }).rain)) });
    return choice(
      preset.key,
      wish.preset?.key === preset.key,
      choose,
      pick({ de: preset.label_de, en: preset.label_en }),
      h(
        'details',
        { class: 'about' },
        h('summary', {}, t('form.about')),
        h('p', {}, note),
        h('p', { class: 'source' }, t('form.source', { source: preset.source })),
      ),
    );
  };

  const ownChoice = (faults: Faults): HTMLElement =>
    choice(
      OWN,
      wish.preset === null,
      () => change({ preset: null }),
      t('form.own'),
      h(
        'div',
        { class: 'own' },
        h(
          'fieldset',
          { class: 'kinds' },
          h('legend', {}, t('form.kind')),
          ...(['block', 'euler_ii'] as const).map((kind) =>
            h(
              'label',
              {},
              h('input', { type: 'radio', name: 'kind', id: `kind-${kind}`, checked: wish.kind === kind, on: { change: () => change({ kind }) } }),
              h('span', {}, t(`form.kind.${kind}`)),
            ),
          ),
        ),
        h('p', { class: 'about' }, t(`form.kind.${wish.kind}.tip`)),
        h(
          'div',
          { class: 'pair' },
          field('depth', 'form.depth', 'form.depth.unit', 'form.depth.tip', faults.depth),
          field('duration', 'form.duration', 'form.duration.unit', null, faults.duration),
        ),
      ),
    );

  const field = (name: 'depth' | 'duration' | 'runoff', label: Key, unitKey: Key, tip: Key | null, fault: Key | undefined): HTMLElement =>
    h(
      'div',
      { class: fault ? 'field wrong' : 'field' },
      h('label', { for: name }, t(label)),
      h(
        'span',
        { class: 'entry' },
        h('input', {
          id: name,
          name,
          inputmode: 'decimal',
          autocomplete: 'off',
          value: wish[name],
          'aria-invalid': fault ? 'true' : null,
          'aria-describedby': `${name}-help`,
          on: { input: (event) => typed(name, event.target as HTMLInputElement) },
        }),
        h('span', { class: 'unit' }, t(unitKey)),
      ),
      h('p', { class: 'help', id: `${name}-help` }, fault ? t(fault) : tip ? t(tip) : ''),
    );

  /** Typing must not rebuild the field under the caret: only messages and the sum follow. */
  const typed = (name: 'depth' | 'duration' | 'runoff', input: HTMLInputElement): void => {
    wish[name] = input.value;
    trouble = null;
    const faults = check(wish);
    for (const key of ['depth', 'duration', 'runoff'] as const) {
      const box = form.querySelector<HTMLInputElement>(`#${key}`)?.closest('.field');
      const help = form.querySelector(`#${key}-help`);
      if (!box || !help) continue;
      const fault = faults[key];
      const tip = key === 'depth' ? t('form.depth.tip') : key === 'runoff' ? t('form.runoff.tip') : '';
      box.classList.toggle('wrong', fault !== undefined);
      box.querySelector('input')?.toggleAttribute('aria-invalid', fault !== undefined);
      help.textContent = fault ? t(fault) : tip;
    }
    form.querySelector('.foot')?.replaceWith(foot(faults));
  };

  const foot = (faults: Faults): HTMLElement => {
    const wrong = Object.keys(faults).length > 0;
    const { rain, after } = timesOf(wish);
    const sum = wrong ? '' : t('form.sum', { all: minutes(rain + after), rain: minutes(rain), after: minutes(after) });
    return h(
      'div',
      { class: 'foot' },
      trouble && problemBox(trouble),
      h('p', { class: 'sum' }, sum),
      h('button', { id: 'compute', type: 'submit', class: 'primary', disabled: sending }, t(sending ? 'form.sending' : 'form.submit')),
    );
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { terrain } = store.state;
    const [first] = Object.keys(check(wish));
    if (first) {
      form.querySelector<HTMLInputElement>(`#${first}`)?.focus();
      return;
    }
    if (!terrain || sending) return;
    sending = true;
    trouble = null;
    redraw();
    actions
      .start(scenarioOf(wish, terrain))
      .catch((error: unknown) => {
        trouble = error instanceof Problem ? error : new Problem(0, 'error', String(error));
      })
      .finally(() => {
        sending = false;
        redraw();
      });
  });

  let offered: StormPreset[] = [];
  store.on(['storms', 'terrain'], ({ storms }) => {
    const [first] = storms;
    if (storms !== offered && first) {
      offered = storms;
      wish.preset = first;
      wish.runoff = String(Math.max(0, first.duration_min - timesOf(wish).rain));
    }
    redraw();
  });
  return form;
}

function problemBox(problem: Problem): HTMLElement {
  const slug = PROBLEMS.find((known) => known === problem.slug) ?? (problem.status === 422 ? 'scenario' : 'error');
  return h(
    'div',
    { class: 'trouble', role: 'alert' },
    h('h3', {}, t(`problem.${slug}`)),
    problem.detail ? h('p', {}, t('problem.detail'), ' ', h('span', { class: 'machine', lang: 'en' }, problem.detail)) : null,
  );
}
