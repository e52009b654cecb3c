/** Drawing on the map: corners by click, tap or Enter; handles to move what is drawn. */

import type { GeoJSONSource, LayerSpecification, Map as MapLibre, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import type { Shape } from '../plan/kinds';
import { kindOf } from '../plan/kinds';
import type { Sketch, State, Store } from '../state';
import type { LngLat } from '../types';

const INK = '#6a1b9a';
/** A click so near to the last or the first corner ends the drawing. */
const NEAR_PX = 11;
const ENDS = ['mouseup', 'touchend', 'touchcancel'] as const;
const LEAST: Record<Shape, number> = { point: 1, two: 2, line: 2, rectangle: 2, polygon: 3 };
const MOST: Record<Shape, number> = { point: 1, two: 2, line: Infinity, rectangle: 2, polygon: Infinity };

const LAYERS: LayerSpecification[] = [
  { id: 'sketch-fill', type: 'fill', source: 'sketch', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': INK, 'fill-opacity': 0.12 } },
  { id: 'sketch-casing', type: 'line', source: 'sketch', paint: { 'line-color': '#ffffff', 'line-width': 6 } },
  { id: 'sketch-line', type: 'line', source: 'sketch', paint: { 'line-color': INK, 'line-width': 2.6, 'line-dasharray': [2, 1.2] } },
  {
    id: 'sketch-middles',
    type: 'circle',
    source: 'sketch',
    filter: ['==', ['get', 'role'], 'middle'],
    paint: { 'circle-radius': 5, 'circle-color': '#ffffff', 'circle-opacity': 0.75, 'circle-stroke-color': INK, 'circle-stroke-width': 1.2 },
  },
  {
    id: 'sketch-corners',
    type: 'circle',
    source: 'sketch',
    filter: ['==', ['get', 'role'], 'corner'],
    paint: { 'circle-radius': 7, 'circle-color': '#ffffff', 'circle-stroke-color': INK, 'circle-stroke-width': 2.6 },
  },
];

export function addSketch(map: MapLibre): void {
  map.addSource('sketch', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  for (const layer of LAYERS) map.addLayer(layer);
}

/** Whether so many corners make the shape. */
export function complete({ shape, points }: Sketch): boolean {
  return points.length >= LEAST[shape];
}

/** The corners that are drawn: two of a rectangle become four. */
export function cornersOf(shape: Shape, points: readonly LngLat[]): LngLat[] {
  const [a, b] = points;
  if (shape !== 'rectangle' || !a || !b) return [...points];
  return [a, [b[0], a[1]], b, [a[0], b[1]]];
}

export function finish(store: Store): void {
  const { sketch } = store.state;
  if (!sketch || !complete(sketch)) return;
  store.set({ sketch: null });
  sketch.done(cornersOf(sketch.shape, sketch.points));
}

/** Adds a corner; the one that completes the shape, or a click on the last or first corner, ends the drawing. */
export function addCorner(map: MapLibre, store: Store, at: LngLat): void {
  const { sketch } = store.state;
  if (!sketch) return;
  const { points, shape } = sketch;
  const here = map.project(at);
  const near = (point: LngLat | undefined): boolean => point !== undefined && map.project(point).dist(here) <= NEAR_PX;
  if (near(points.at(-1)) || (shape === 'polygon' && points.length > 2 && near(points[0]))) {
    finish(store);
    return;
  }
  const next = { ...sketch, points: [...points, at] };
  store.set({ sketch: next });
  if (next.points.length >= MOST[shape]) finish(store);
}

/** Draws the sketch that is being made, or handles on what is selected, and lets them be dragged. */
export function followSketch(map: MapLibre, store: Store): void {
  let pointer: LngLat | null = null;
  let begun: Sketch | null = null;
  let dragged: { index: number; points: LngLat[] } | null = null;

  const draw = (): void => {
    const source = map.getSource<GeoJSONSource>('sketch');
    if (!source) return;
    const { sketch } = store.state;
    const chosen = selection(store.state);
    if (sketch) {
      const points = pointer && sketch.points.length > 0 ? [...sketch.points, pointer] : sketch.points;
      source.setData(picture(cornersOf(sketch.shape, points), closed(sketch.shape), sketch.points, false));
    } else if (chosen) {
      const points = dragged?.points ?? chosen.points;
      source.setData(picture(points, closed(chosen.shape), points, chosen.shape === 'line' || chosen.shape === 'polygon'));
    } else source.setData({ type: 'FeatureCollection', features: [] });
  };
  store.on(['sketch', 'selected', 'plan', 'terrain', 'tab'], ({ sketch }) => {
    if (!sketch || sketch.points.length === 0) pointer = null;
    map.getCanvas().style.cursor = sketch ? 'crosshair' : '';
    if (sketch && sketch !== begun && sketch.points.length === 0) map.getCanvas().focus({ preventScroll: true }); // for Enter
    begun = sketch;
    if (sketch) map.doubleClickZoom.disable();
    else map.doubleClickZoom.enable();
    draw();
  });

  map.on('mousemove', (event) => {
    if (!store.state.sketch) return;
    pointer = [event.lngLat.lng, event.lngLat.lat];
    draw();
  });

  const move = (event: MapMouseEvent | MapTouchEvent): void => {
    if (!dragged) return;
    dragged.points[dragged.index] = [event.lngLat.lng, event.lngLat.lat];
    draw();
  };
  const drop = (): void => {
    map.off('mousemove', move);
    map.off('touchmove', move);
    for (const end of ENDS) window.removeEventListener(end, drop);
    const moved = dragged;
    dragged = null;
    map.dragPan.enable();
    if (moved) replace(store, moved.points);
  };
  const grab = (event: (MapMouseEvent | MapTouchEvent) & { features?: GeoJSON.Feature[] }): void => {
    const chosen = selection(store.state);
    const handle = event.features?.[0]?.properties;
    if (!chosen || store.state.sketch || !handle) return;
    event.preventDefault();
    map.dragPan.disable();
    const index = Number(handle['index']);
    const points = [...chosen.points];
    if (handle['role'] === 'middle') points.splice(index, 0, [event.lngLat.lng, event.lngLat.lat]);
    dragged = { index, points };
    map.on('mousemove', move);
    map.on('touchmove', move);
    for (const end of ENDS) window.addEventListener(end, drop); // also where a box covers the map
  };
  for (const layer of ['sketch-corners', 'sketch-middles']) {
    map.on('mousedown', layer, grab);
    map.on('touchstart', layer, grab);
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = store.state.sketch ? 'crosshair' : 'move'));
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = store.state.sketch ? 'crosshair' : ''));
  }
}

/** What has handles on the map now. */
function selection({ selected, plan, tab }: Readonly<State>): { points: LngLat[]; shape: Shape } | null {
  if (tab !== 'new' || !selected) return null;
  if (selected === 'area') return plan.area && { points: plan.area, shape: 'polygon' };
  const measure = plan.measures.find((one) => one.id === selected);
  if (!measure || measure.points.length === 0) return null;
  const { shape } = kindOf(measure.kind);
  return { points: measure.points, shape: measure.points.length === 1 ? 'point' : shape === 'point' ? 'polygon' : shape };
}

function replace(store: Store, points: LngLat[]): void {
  const { plan, selected } = store.state;
  if (selected === 'area') store.set({ plan: { ...plan, area: points } });
  else store.set({ plan: { ...plan, measures: plan.measures.map((one) => (one.id === selected ? { ...one, points } : one)) } });
}

function closed(shape: Shape): boolean {
  return shape === 'polygon' || shape === 'rectangle';
}

function picture(corners: LngLat[], isClosed: boolean, handles: readonly LngLat[], middles: boolean): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  if (corners.length > 2 && isClosed) {
    features.push(feature({ type: 'Polygon', coordinates: [[...corners, corners[0] as LngLat]] }, {}));
  } else if (corners.length > 1) features.push(feature({ type: 'LineString', coordinates: corners }, {}));
  handles.forEach((point, index) => {
    const next = handles[index + 1] ?? (isClosed ? handles[0] : undefined);
    if (middles && next) {
      const middle: LngLat = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
      features.push(feature({ type: 'Point', coordinates: middle }, { role: 'middle', index: index + 1 }));
    }
    features.push(feature({ type: 'Point', coordinates: point }, { role: 'corner', index }));
  });
  return { type: 'FeatureCollection', features };
}

function feature(geometry: GeoJSON.Geometry, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry };
}
