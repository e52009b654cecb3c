/** Third tab: rain, surface, area, measures, terrain; a quick estimate of them, and the buttons that start the run. */

import type { Actions } from '../actions';
import { fill, h } from '../dom';
import { t } from '../i18n';
import { readable } from '../plan/features';
import type { Live } from '../plan/live';
import type { Plan } from '../plan/plan';
import { service } from '../plan/service';
import { check, isRunOff, timesOf, withPreset } from '../plan/storm';
import { asProblem, Problem } from '../problem';
import type { Store } from '../state';
import type { StormPreset } from '../types';
import { minutes, parseNumber } from '../words';
import { createArea } from './area';
import { createFaults } from './faults';
import { createMeasures } from './measures';
import { createStorm } from './storm';
import { createSurface } from './surface';
import { remarksOf } from './remarks';

const PROBLEMS = ['unreachable', 'scenario', 'terrain', 'storage', 'not-found', 'busy', 'changed'] as const;

export function createForm(store: Store, actions: Actions, live: Live): HTMLElement {
  let sending = false;
  let trouble: Problem | null = null;
  const waiting = h('p', { class: 'quiet-text' });
  const loadCover = (): void => {
    if (!store.state.landCover) void service.landCover().then((landCover) => store.set({ landCover })).catch(() => null);
  };
  const parts = h('div', { class: 'parts' }, createStorm(store), createSurface(store, loadCover), createArea(store), createMeasures(store, () => send(false)), createFaults(store, live.doctor));
  const foot = h('div', { class: 'foot' });
  const form = h('form', { class: 'new-run', novalidate: true }, waiting, parts, foot);

  const redraw = (): void => {
    const { plan, storms, terrain, estimating } = store.state;
    const empty = storms.length === 0 || !terrain?.id;
    parts.hidden = foot.hidden = empty;
    waiting.hidden = !empty;
    waiting.textContent = t(storms.length === 0 ? 'form.waiting' : 'service.no_terrain.text');
    if (empty) return;
    const { rain, after } = timesOf(plan.storm);
    const wrong = faultOf(plan);
    const compared = plan.measures.length > 0;
    fill(
      foot,
      trouble && problemBox(trouble),
      h(
        'div',
        { class: 'foot-row' },
        h('p', { class: 'sum' }, wrong ? '' : t('form.sum', { rain: minutes(rain), after: minutes(after) })),
        h(
          'button',
          { id: 'estimate', type: 'button', class: 'secondary', 'aria-pressed': String(estimating), on: { click: () => store.set({ estimating: !estimating }) } },
          t('estimate.title'),
        ),
      ),
      h('button', { id: 'compute', type: 'submit', class: 'primary', disabled: sending }, t(sending ? 'form.sending' : compared ? 'form.compare' : 'form.submit')),
    );
  };

  const send = (compared: boolean): void => {
    if (sending) return;
    const first = faultOf(store.state.plan);
    if (first) {
      reveal(form, first);
      return;
    }
    sending = true;
    trouble = null;
    redraw();
    live
      .settle()
      .then(() => {
        if (remarksOf(store.state).some((remark) => remark.severity === 'error')) throw new Problem(0, 'measures', '');
        return live.ready();
      })
      .then((scenario) => (compared ? actions.compare(scenario) : actions.start(scenario)))
      .catch((error: unknown) => {
        trouble = asProblem(error);
      })
      .finally(() => {
        sending = false;
        redraw();
      });
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(store.state.plan.measures.length > 0);
  });

  let offered: StormPreset[] = [];
  store.on(['storms'], ({ storms, plan }) => {
    const [first] = storms;
    if (storms === offered || !first) return;
    offered = storms;
    const again = storms.find((preset) => preset.key === plan.storm.preset?.key) ?? first;
    store.set({ plan: { ...plan, storm: withPreset(plan.storm, again) } });
  });
  store.watch(['plan', 'storms', 'terrain', 'estimating', 'checked'], (s) => [s.plan, s.storms, s.terrain, s.estimating, s.checked], () => {
    trouble = null;
    redraw();
  });
  return form;
}

/** Id of the first field that is wrong, in the order of the form. */
function faultOf(plan: Plan): string | null {
  const [storm] = Object.keys(check(plan.storm));
  if (storm) return storm;
  const rate = parseNumber(plan.sewerRate);
  if (plan.sewer !== 'none' && !isRunOff(plan.storm) && !(rate !== null && rate > 0 && rate <= 1000)) return 'sewer-rate';
  const measure = plan.measures.find((one) => !readable(one));
  return measure ? `measure-${measure.id}` : null;
}

function reveal(form: HTMLElement, id: string): void {
  const field = form.querySelector<HTMLElement>(`#${CSS.escape(id)}`);
  field?.closest('details')?.setAttribute('open', '');
  field?.focus();
}

function problemBox(problem: Problem): HTMLElement {
  if (problem.slug === 'measures') return h('div', { class: 'trouble', role: 'alert' }, h('h3', {}, t('problem.measures')));
  const slug = PROBLEMS.find((known) => known === problem.slug) ?? (problem.status === 422 ? 'scenario' : 'error');
  return h(
    'div',
    { class: 'trouble', role: 'alert' },
    h('h3', {}, t(`problem.${slug}`)),
    problem.detail ? h('p', {}, t('problem.detail'), ' ', h('span', { class: 'machine', lang: 'en' }, problem.detail)) : null,
  );
}
