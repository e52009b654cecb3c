/** The map itself: its canvas, its controls, and how it follows the state of the page. */

import { LngLatBounds, Map as MapLibre, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { urls } from '../api';
import { append, fill, h, icon } from '../dom';
import { t } from '../i18n';
import type { Place } from '../permalink';
import { ringsOf } from '../plan/scenario';
import { tilesAt } from '../plan/service';
import type { State, Store } from '../state';
import { answered, showsDifference, shownRun } from '../state';
import type { Terrain } from '../types';
import { cellAround } from './cell';
import type { Asks } from './clicks';
import { followClicks } from './clicks';
import { registerEdge } from './edge';
import { PAPER, showFootprints, showMark, showTerrain, showWater } from './layers';
import { showPlan } from './overlays';
import { followSketch } from './sketch';

export interface MapHooks {
  /** Where scale and buttons go, above the canvas. */
  overlay: HTMLElement;
  asks: Asks;
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

  followClicks(map, store, hooks.asks);
  map.on('moveend', () => {
    const { lng, lat } = map.getCenter();
    hooks.moved({ zoom: map.getZoom(), lat, lng });
  });
  let placed = start !== undefined;
  let shown: Terrain | null = null;
  const home = (smooth: boolean): void => {
    if (!shown) return;
    const [west, south, east, north] = shown.bounds_wgs84;
    map.fitBounds(new LngLatBounds([west, south], [east, north]), { padding: hooks.padding(), animate: smooth && moves() });
  };
  append(hooks.overlay, [controls(map, store, () => home(true))]);

  let walls = '';
  map.on('load', () => {
    store.on(['terrain', 'run', 'view', 'opacity', 'point', 'difference', 'comparison', 'tab', 'estimating', 'estimate', 'rung'], (state) => {
      const { terrain, run, opacity, point } = state;
      if (!terrain) return;
      const done = shownRun(state);
      if (terrain !== shown) {
        shown = terrain;
        walls = '';
        showTerrain(map, terrain);
        if (!placed) home(false);
        placed = false;
      }
      const wanted = done ? urls.runFootprints(done) : urls.footprints(terrain.id);
      if (wanted !== walls && (done || terrain.id)) showFootprints(map, wanted);
      walls = wanted;
      showWater(map, terrain, waterOf(state), opacity);
      showMark(map, point ? cellAround(point.lng, point.lat, run?.manifest?.grid) : null);
    });
    const plan = ['plan', 'tab', 'selected', 'estimating', 'estimate', 'extent', 'checked', 'faults', 'fault', 'faultsShown', 'origin', 'measures', 'terrain', 'rung'] as const;
    store.on([...plan], (state) => {
      if (state.terrain) showPlan(map, state, state.measures);
    });
    followSketch(map, store);
    store.watch(['origin'], (state) => [state.origin], ({ origin }) => {
      const found = answered(origin);
      if (found) reveal(map, found.polygon, hooks.padding());
    });
    store.watch(['fault', 'faults'], (state) => [state.fault], ({ fault, faults }) => {
      const found = answered(faults)?.faults.find((one) => one.number === fault);
      if (found) map.easeTo({ center: [found.lon, found.lat], zoom: Math.max(map.getZoom(), 17), padding: hooks.padding(), animate: moves() });
    });
  });
  map.on('idle', () => host.setAttribute('data-drawn', 'yes'));
  map.on('dataloading', () => host.setAttribute('data-drawn', 'no'));
  return map;
}

/** Tiles of the water: of the estimate while one is wanted, else of the result. */
function waterOf(state: Readonly<State>): string | null {
  const { tab, estimating, estimate, rung, comparison, view } = state;
  if (tab === 'new' && estimating) {
    const found = answered(estimate);
    return found?.rung === rung ? tilesAt(found.links['tiles']) : null;
  }
  const run = shownRun(state);
  if (!run) return null;
  return showsDifference(state) ? tilesAt(comparison?.links['tiles']) : urls.tiles(run, view);
}

/** Shows all of a shape that sticks out of the view. */
function reveal(map: MapLibre, shape: GeoJSON.Geometry, padding: ReturnType<MapHooks['padding']>): void {
  const bounds = new LngLatBounds();
  for (const ring of ringsOf(shape)) for (const [lng, lat] of ring) bounds.extend([lng as number, lat as number]);
  const view = map.getBounds();
  if (bounds.isEmpty() || (view.contains(bounds.getNorthEast()) && view.contains(bounds.getSouthWest()))) return;
  map.fitBounds(bounds, { padding, maxZoom: map.getZoom(), animate: moves() });
}

function moves(): boolean {
  return !matchMedia('(prefers-reduced-motion: reduce)').matches;
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
