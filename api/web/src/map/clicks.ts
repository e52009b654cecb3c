/** What a click on the map means: a corner, a question, a measure, or the value there. */

import type { Map as MapLibre } from 'maplibre-gl';
import type { Store } from '../state';
import type { LngLat } from '../types';
import { CLICKABLE } from './overlays';
import { addCorner, finish } from './sketch';

export interface Asks {
  value: (lng: number, lat: number) => void;
  origin: (lng: number, lat: number) => void;
}

export function followClicks(map: MapLibre, store: Store, asks: Asks): void {
  const at = ([lng, lat]: LngLat): void => {
    const { sketch, tool, tab } = store.state;
    if (sketch) addCorner(map, store, [lng, lat]);
    else if (tool === 'origin') {
      store.set({ tool: null, point: null });
      asks.origin(lng, lat);
    } else if (tab === 'new' && taken(map, store, [lng, lat])) return;
    else asks.value(lng, lat);
  };
  map.on('click', (event) => at([event.lngLat.lng, event.lngLat.lat]));
  const middle = (): LngLat => {
    const { lng, lat } = map.getCenter();
    return [lng, lat];
  };
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key === 'Enter') at(middle());
  });
  document.addEventListener('keydown', (event) => {
    const { sketch, tool } = store.state;
    if (event.key === 'Escape' && (sketch || tool)) store.set({ sketch: null, tool: null });
    if (!sketch || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    if (event.key === 'Backspace') store.set({ sketch: { ...sketch, points: sketch.points.slice(0, -1) } });
    if (event.key === 'f' || event.key === 'F') finish(store);
  });
}

/** Selects the measure or the fault under the pointer. */
function taken(map: MapLibre, store: Store, at: LngLat): boolean {
  const { x, y } = map.project(at);
  const found = map.queryRenderedFeatures([[x - 5, y - 5], [x + 5, y + 5]], { layers: CLICKABLE.filter((id) => map.getLayer(id)) })[0];
  if (!found) return false;
  const { id, number } = found.properties as { id?: string; number?: number };
  if (id !== undefined) store.set({ selected: id });
  else if (number !== undefined) store.set({ fault: number });
  return id !== undefined || number !== undefined;
}
