/** The panel: title block, three tabs, version. On a phone it folds down to its tabs. */

import type { Actions } from '../actions';
import { fill, h, icon } from '../dom';
import { t } from '../i18n';
import type { Live } from '../plan/live';
import type { Store, Tab } from '../state';
import type { Lang } from '../types';
import { createForm } from './form';
import { createHeader } from './header';
import { createResult } from './result';
import { createRuns } from './runs';

const TABS: Tab[] = ['result', 'runs', 'new'];

export function createPanel(store: Store, actions: Actions, live: Live, speak: (next: Lang) => void): HTMLElement {
  const bodies: Record<Tab, HTMLElement> = {
    result: createResult(store, actions),
    runs: createRuns(store, actions),
    new: createForm(store, actions, live),
  };
  const tabs = h('div', { class: 'tabs', role: 'tablist' });
  const fold = h('button', { type: 'button', class: 'fold quiet', id: 'fold' });
  const lost = h('p', { class: 'lost', role: 'status', hidden: true });
  const version = h('p', { class: 'version' });
  const pages = TABS.map((tab) =>
    h('div', { id: `page-${tab}`, class: 'page', role: 'tabpanel', 'aria-labelledby': `tab-${tab}`, tabindex: -1 }, bodies[tab]),
  );
  const panel = h(
    'aside',
    { class: 'panel sheet' },
    createHeader(store, actions, speak),
    h('div', { class: 'tab-row' }, tabs, fold),
    lost,
    h('div', { class: 'pages' }, ...pages),
    version,
  );

  const choose = (tab: Tab): void => store.set({ tab, open: true });
  store.on(['tab', 'runs', 'open'], ({ tab: current, runs, open }) => {
    panel.setAttribute('aria-label', t('app.panel'));
    panel.classList.toggle('folded', !open);
    fill(
      tabs,
      ...TABS.map((tab) =>
        h(
          'button',
          {
            id: `tab-${tab}`,
            type: 'button',
            role: 'tab',
            'aria-selected': String(tab === current),
            'aria-controls': `page-${tab}`,
            tabindex: tab === current ? 0 : -1,
            on: { click: () => choose(tab), keydown: (event) => step(event, tab) },
          },
          t(`tab.${tab}`),
          tab === 'runs' && runs.length > 0 && h('span', { class: 'count' }, runs.length),
        ),
      ),
    );
    fold.setAttribute('aria-label', t(open ? 'app.collapse' : 'app.expand'));
    fold.setAttribute('aria-expanded', String(open));
    fold.title = t(open ? 'app.collapse' : 'app.expand');
    pages.forEach((page, i) => (page.hidden = TABS[i] !== current));
  });
  const step = (event: KeyboardEvent, tab: Tab): void => {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = TABS[(TABS.indexOf(tab) + move + TABS.length) % TABS.length];
    if (!move || !next) return;
    event.preventDefault();
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  fold.append(icon('M6 9l6 6 6-6'));
  fold.addEventListener('click', () => store.set({ open: !store.state.open }));
  store.on(['service', 'version'], (state) => {
    lost.hidden = state.service !== 'lost';
    lost.textContent = t('service.lost');
    version.textContent = state.version ? t('app.version', { version: state.version }) : '';
  });
  return panel;
}
