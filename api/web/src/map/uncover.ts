/** Moves the map when the card with the values would lie over the place they belong to. */

import type { Map as MapLibre } from 'maplibre-gl';
import type { Store } from '../state';

const CLEAR = 28;

export function keepUncovered(map: MapLibre, card: HTMLElement, store: Store): void {
  store.on(['point'], ({ point }) => {
    if (!point || point.value === 'asking' || card.hidden) return;
    const box = card.getBoundingClientRect();
    const { x, y } = map.project([point.lng, point.lat]);
    if (x < box.left - CLEAR || x > box.right + CLEAR || y < box.top - CLEAR || y > box.bottom + CLEAR) return;
    const wide = box.left > innerWidth / 2;
    const shift: [number, number] = wide ? [x - (box.left - CLEAR), 0] : [0, y - (box.bottom + CLEAR)];
    map.panBy(shift, { animate: !matchMedia('(prefers-reduced-motion: reduce)').matches });
  });
}
