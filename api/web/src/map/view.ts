/** The map itself: its canvas, its controls, and how it follows the state of the page. */

import { LngLatBounds, Map as MapLibre, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { urls } from '../api';
import { append, fill, h, icon } from '../dom';
import { t } from '../i18n';
import type { Place } from '../permalink';
import type { Store } from '../state';
import type { Terrain } from '../types';
import { registerEdge } from './edge';
import { cellAround } from './cell';
import { PAPER, showFootprints, showMark, showResult, showTerrain } from './layers';

export interface MapHooks {
  /** Where scale and buttons go, above the canvas. */
  overlay: HTMLElement;
  ask: (lng: number, lat: number) => void;
  moved: (place: Place) => void;
  /** Pixels on each side that boxes of the page cover. */
  padding: () => { top: number; right: number; bottom: number; left: number };
}

/** Creates the map in `host`; returns null where the browser has no WebGL2. */
export function createMap(host: HTMLElement, store: Store, start: Place | undefined, hooks: MapHooks): MapLibre | null {
  setWorkerUrl(workerUrl);
  registerEdge();
  let map: MapLibre;
  try {
    map = new MapLibre({
      container: host,
      style: { version: 8, sources: {}, layers: [{ id: 'ground', type: 'background', paint: { 'background-color': PAPER } }] },
      center: start ? [start.lng, start.lat] : [10.4, 51.2],
      zoom: start?.zoom ?? 5,
      maxZoom: 20.5,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      renderWorldCopies: false,
    });
  } catch {
    append(host, [h('p', { class: 'unsupported' }, t('map.unsupported'))]);
    return null;
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  append(hooks.overlay, [h('div', { class: 'scale' }, new ScaleControl({ maxWidth: 130, unit: 'metric' }).onAdd(map))]);

  map.on('click', (event) => hooks.ask(event.lngLat.lng, event.lngLat.lat));
  map.on('moveend', () => {
    const { lng, lat } = map.getCenter();
    hooks.moved({ zoom: map.getZoom(), lat, lng });
  });
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      const { lng, lat } = map.getCenter();
      hooks.ask(lng, lat);
    }
  });

  let placed = start !== undefined;
  let shown: Terrain | null = null;
  const home = (smooth: boolean): void => {
    if (!shown) return;
    const [west, south, east, north] = shown.bounds_wgs84;
    const still = !smooth || matchMedia('(prefers-reduced-motion: reduce)').matches;
    map.fitBounds(new LngLatBounds([west, south], [east, north]), { padding: hooks.padding(), animate: !still });
  };
  append(hooks.overlay, [controls(map, store, () => home(true))]);

  let walls = '';
  map.on('load', () => {
    store.on(['terrain', 'run', 'view', 'opacity', 'point'], ({ terrain, run, view, opacity, point }) => {
      if (!terrain) return;
      const done = run?.state === 'done' ? run : null;
      if (terrain !== shown) {
        shown = terrain;
        walls = '';
        showTerrain(map, terrain);
        if (!placed) home(false);
        placed = false;
      }
      const wanted = done ? urls.runFootprints(done.id) : urls.footprints(terrain.id);
      if (wanted !== walls && (done || terrain.id)) showFootprints(map, wanted);
      walls = wanted;
      showResult(map, terrain, done?.id ?? null, view, opacity);
      showMark(map, point ? cellAround(point.lng, point.lat, done?.manifest?.grid) : null);
    });
  });
  map.on('idle', () => host.setAttribute('data-drawn', 'yes'));
  map.on('dataloading', () => host.setAttribute('data-drawn', 'no'));
  return map;
}

/** Zoom, whole area and north: our own buttons, so that they speak the language of the page. */
function controls(map: MapLibre, store: Store, home: () => void): HTMLElement {
  const box = h('div', { class: 'map-controls', role: 'group' });
  store.on(['service'], () => {
    map.getCanvas().setAttribute('aria-label', t('map.label'));
    const button = (id: string, label: string, path: string, act: () => void): HTMLElement =>
      h('button', { id, type: 'button', title: label, 'aria-label': label, on: { click: act } }, icon(path));
    fill(
      box,
      h('div', { class: 'north', role: 'img', 'aria-label': t('map.north'), title: t('map.north') }, icon('M12 3l6 17-6-4-6 4z'), t('map.north.letter')),
      h(
        'div',
        { class: 'buttons' },
        button('zoom-in', t('map.zoom_in'), 'M12 5v14M5 12h14', () => map.zoomIn()),
        button('zoom-out', t('map.zoom_out'), 'M5 12h14', () => map.zoomOut()),
        button('zoom-home', t('map.home'), 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5', home),
      ),
    );
  });
  return box;
}
