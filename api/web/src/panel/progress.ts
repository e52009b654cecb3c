/** How far a run is: bar, simulated time, remaining time, water balance, and the way to stop it. */

import type { Actions } from '../actions';
import { h } from '../dom';
import { pick, t } from '../i18n';
import type { Store } from '../state';
import { FINAL } from '../types';
import { depth, eta, minutes, share, unit } from '../words';

export function createProgress(store: Store, actions: Actions): HTMLElement {
  const state = h('p', { class: 'state' });
  const percent = h('p', { class: 'percent', 'aria-hidden': 'true' });
  const fillBar = h('div', { class: 'bar-fill' });
  const bar = h('div', { class: 'bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, fillBar);
  const details = h('ul', { class: 'details' });
  const cancel = h('button', { id: 'cancel', type: 'button', class: 'secondary' });
  cancel.addEventListener('click', () => {
    const { run } = store.state;
    if (!run) return;
    store.set({ run: { ...run, cancel_requested: true } });
    void actions.cancel(run.id);
  });

  store.on(['run'], ({ run }) => {
    if (!run || FINAL.has(run.state)) return;
    const share100 = Math.round(100 * Math.min(1, Math.max(0, run.progress)));
    bar.setAttribute('aria-label', t('progress.label'));
    bar.setAttribute('aria-valuenow', String(share100));
    fillBar.style.setProperty('--share', `${share100}%`);
    state.textContent = t(`state.${run.state}`);
    percent.textContent = unit(share100, '%');
    cancel.disabled = run.cancel_requested;
    cancel.textContent = t(run.cancel_requested ? 'progress.cancelling' : 'progress.cancel');
    const lines: string[] = [];
    const news = pick({ de: run.message ?? '', en: run.message_en ?? '' });
    if (news) lines.push(news);
    if (run.state === 'running') {
      lines.push(t('progress.simulated', { done: minutes(Math.floor(run.simulated_s / 60)), all: minutes(run.duration_s / 60) }));
    }
    if (run.state === 'running' && run.eta_s !== null) lines.push(eta(run.eta_s));
    if (run.max_depth_m !== null && run.max_depth_m > 0) lines.push(t('progress.deepest', { value: depth(run.max_depth_m) }));
    if (run.mass_error !== null) lines.push(t('progress.balance', { value: share(run.mass_error) }));
    details.replaceChildren(...lines.map((line) => h('li', {}, line)));
  });
  return h('div', { class: 'progress', hidden: true }, h('div', { class: 'row' }, state, percent), bar, details, cancel);
}
