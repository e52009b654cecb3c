/** Fifth part of the form: where the terrain model is probably wrong, and what people decided about it. */

import { fill, h, refocus } from '../dom';
import { toUtm, zoneOf } from '../geo/utm';
import { pick, t } from '../i18n';
import type { Doctor } from '../plan/doctor';
import { part } from '../plan/plan';
import type { Fault, FaultState } from '../plan/replies';
import { asProblem, Problem } from '../problem';
import type { State, Store } from '../state';
import { answered } from '../state';
import type { Terrain } from '../types';
import { unit } from '../words';
import { button, foldingPart } from './controls';
import { problemLine } from './remarks';

const FIRST = 12;
/** Ends so near to each other belong to the same crossing. */
const SAME_M = 20;

export function createFaults(store: Store, doctor: Doctor): HTMLElement {
  const { box, say, body } = foldingPart('part-faults', false);
  let who = '';
  let note = '';
  let all = false;
  let wrong: Problem | null = null;
  let missing = false;
  /** Terrains of which this is said. */
  let looking = '';
  let place = '';
  let opened: number | null = null;

  const look = (): void => {
    const terrain = store.state.terrain?.id ?? '';
    if (!terrain || looking === terrain) return;
    looking = terrain;
    wrong = null;
    refocus(`${box.id}-title`, () => draw(store.state));
    doctor
      .look()
      .catch((error: unknown) => { wrong = asProblem(error); })
      .finally(() => {
        if (looking === terrain) looking = '';
        draw(store.state);
      });
  };
  const decide = (fault: Fault, state: FaultState): void => {
    wrong = null;
    if (!who.trim()) {
      missing = true;
      draw(store.state);
      document.getElementById('fault-who')?.focus();
      return;
    }
    missing = false;
    const said = note;
    note = '';
    doctor.decide(fault, state, who.trim(), said.trim() || null).catch((error: unknown) => {
      note = said;
      wrong = asProblem(error);
      draw(store.state);
    });
  };

  const draw = ({ faults, fault, terrain }: Readonly<State>): void => {
    say(t('part.faults'), nowOf(faults));
    const found = answered(faults);
    if (looking && looking === terrain?.id) return fill(body, h('p', { class: 'quiet-text' }, t('faults.asking')));
    if (!found?.examined) {
      const trouble = wrong ?? (faults instanceof Problem ? faults : null);
      return fill(body, trouble ? problemLine(trouble) : h('p', { class: 'lead' }, t('faults.lead')), button('faults-look', 'secondary', t('faults.look'), look));
    }
    const shown = all ? found.faults : found.faults.slice(0, FIRST);
    fill(
      body,
      h('p', { class: 'lead' }, t(found.faults.length === 0 ? 'faults.none' : 'faults.lead.found')),
      wrong && problemLine(wrong),
      h('ol', { class: 'faults' }, ...shown.map((one) => item(one, one.number === fault))),
      shown.length < found.faults.length ? button('faults-all', 'secondary', t('faults.all', { count: found.faults.length }), () => refocus(`fault-${found.faults[FIRST]?.number}`, () => { all = true; draw(store.state); })) : null,
    );
  };

  const item = (fault: Fault, chosen: boolean): HTMLElement =>
    h(
      'li',
      { class: `${fault.state}${chosen ? ' chosen' : ''}` },
      h(
        'button',
        { id: `fault-${fault.number}`, type: 'button', class: 'measure', 'aria-expanded': String(chosen), on: { click: () => store.set({ fault: chosen ? null : fault.number }) } },
        h('span', { class: 'what' }, `${fault.rank}. ${pick({ de: fault.label_de, en: fault.label_en })}`),
        h('span', { class: 'figures' }, [t(`faults.state.${fault.state}`), fault.water_held_m3 >= 1 ? t('faults.held', { volume: unit(Math.round(fault.water_held_m3), 'm³') }) : ''].filter(Boolean).join(' · ')),
      ),
      chosen ? details(fault) : null,
    );

  const details = (fault: Fault): HTMLElement =>
    h(
      'div',
      { class: 'editor' },
      h('p', {}, pick({ de: fault.sentence_de, en: fault.sentence_en })),
      fault.who || fault.note ? h('p', { class: 'quiet-text' }, [fault.who, fault.note].filter(Boolean).join(': ')) : null,
      h(
        'div',
        { class: 'fields' },
        input('fault-who', t('faults.who'), who, (text) => (who = text)),
        input('fault-note', t('faults.note'), note, (text) => (note = text)),
      ),
      known(fault, store.state.terrain) ? h('p', { class: 'remark note' }, t('faults.known', { name: known(fault, store.state.terrain) ?? '' })) : null,
      missing ? h('p', { class: 'remark warning', role: 'alert' }, t('faults.who.missing')) : null,
      h(
        'div',
        { class: 'buttons-row' },
        fault.proposal && fault.state !== 'accepted' ? button('fault-accept', 'secondary', t('faults.accept'), () => decide(fault, 'accepted')) : null,
        fault.state !== 'checked' && fault.state !== 'accepted' ? button('fault-check', 'secondary', t('faults.check'), () => decide(fault, 'checked')) : null,
        fault.state !== 'rejected' ? button('fault-reject', 'secondary', t('faults.reject'), () => decide(fault, 'rejected')) : null,
        fault.state !== 'open' ? button('fault-open', 'secondary', t('faults.reopen'), () => decide(fault, 'open')) : null,
      ),
      fault.proposal ? h('p', { class: 'help' }, suggestion()) : null,
    );

  const suggestion = (): string => {
    const found = answered(store.state.faults);
    return found ? pick({ de: found.suggestion_de, en: found.suggestion_en }) : '';
  };

  box.addEventListener('toggle', () => {
    store.set({ faultsShown: box.open });
    if (box.open && !answered(store.state.faults)?.examined) look();
  });
  store.watch(['faults', 'fault', 'terrain'], (s) => [s.faults, s.fault, s.terrain?.id], (state) => {
    if (place !== state.terrain?.id) {
      place = state.terrain?.id ?? '';
      wrong = null;
      all = missing = false;
    }
    if (state.fault !== null && state.fault !== opened) box.open = true;
    opened = state.fault;
    refocus(`fault-${state.fault}`, () => draw(state));
    body.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
  });
  return box;
}

/** Name of a culvert of the terrain's scenario that leads through the same ridge: a second one is not wanted. */
function known(fault: Fault, terrain: Terrain | null): string | null {
  const zone = zoneOf(terrain?.epsg ?? null);
  const line = fault.proposal?.geometry.type === 'LineString' ? fault.proposal.geometry.coordinates : [];
  if (!zone || line.length === 0) return null;
  const ends = [line[0], line.at(-1)].map((p) => toUtm(p?.[0] as number, p?.[1] as number, zone));
  const culverts = part(terrain?.scenario, 'surface')['culverts'];
  for (const culvert of Array.isArray(culverts) ? (culverts as { id: string; title?: string; line: [number, number][] }[]) : []) {
    const near = ([x, y]: [number, number]): boolean => ends.some(([a, b]) => Math.hypot(x - a, y - b) <= SAME_M);
    if ([culvert.line[0], culvert.line.at(-1)].some((end) => end && near(end))) return culvert.title || culvert.id;
  }
  return null;
}

function input(id: string, label: string, value: string, type: (text: string) => void): HTMLElement {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(
      'span',
      { class: 'entry' },
      h('input', { id, type: 'text', maxlength: 200, autocomplete: 'off', value, on: { input: (event) => type((event.target as HTMLInputElement).value) } }),
    ),
  );
}

function nowOf(faults: State['faults']): string {
  const found = answered(faults);
  if (!found?.examined) return t('faults.now.unknown');
  const count = (state: FaultState): number => found.faults.filter((fault) => fault.state === state).length;
  return t('faults.now', { open: count('open'), accepted: count('accepted') });
}
