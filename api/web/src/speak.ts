/** One polite live region: what changed, for people who do not see it. */

import { h } from './dom';

const region = h('div', { class: 'sr-only', role: 'status', 'aria-live': 'polite' });

export function liveRegion(): HTMLElement {
  return region;
}

export function announce(text: string): void {
  region.textContent = text;
}
