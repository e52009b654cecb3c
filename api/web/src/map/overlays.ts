/** What is planned, on the map: area, measures, gaps, faults of the terrain, quick estimate, where water comes from. */

import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { lang, t } from '../i18n';
import { geometryOf, ring } from '../plan/features';
import type { Collection } from '../plan/features';
import type { Measure } from '../plan/plan';
import type { State } from '../state';
import { answered } from '../state';
import { NAMES } from './fonts';

const NOTHING: Collection = { type: 'FeatureCollection', features: [] };
/** Measures: a colour that is neither water nor less nor more of it. */
const BUILT = '#6a1b9a';
const WRONG = '#b3261e';
const INK = '#16232b';
const SOURCES = ['estimate-paths', 'origin', 'area', 'measures', 'gaps', 'faults'] as const;
type Source = (typeof SOURCES)[number];

const casing = (id: string, source: Source, width: number): LayerSpecification => ({
  id,
  type: 'line',
  source,
  layout: { 'line-cap': 'round', 'line-join': 'round' },
  paint: { 'line-color': '#ffffff', 'line-width': width, 'line-opacity': 0.9 },
});

const LAYERS: LayerSpecification[] = [
  {
    id: 'estimate-paths',
    type: 'line',
    source: 'estimate-paths',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': '#2554b8',
      'line-width': ['interpolate', ['linear'], ['sqrt', ['max', ['get', 'upstream_ha'], 0.1]], 0.7, 1.2, 3, 3.5, 10, 7],
    },
  },
  { id: 'origin', type: 'fill', source: 'origin', paint: { 'fill-color': '#c98a00', 'fill-opacity': 0.22 } },
  { id: 'origin-edge', type: 'line', source: 'origin', paint: { 'line-color': '#7a5200', 'line-width': 2.2 } },
  {
    id: 'area-extent',
    type: 'line',
    source: 'area',
    filter: ['==', ['get', 'role'], 'extent'],
    paint: { 'line-color': INK, 'line-width': 2, 'line-dasharray': [1.5, 2] },
  },
  { id: 'area-drawn', type: 'line', source: 'area', filter: ['==', ['get', 'role'], 'drawn'], paint: { 'line-color': INK, 'line-width': 2.4 } },
  {
    id: 'measures-fill',
    type: 'fill',
    source: 'measures',
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': BUILT, 'fill-opacity': ['case', ['get', 'chosen'], 0.28, 0.14] },
  },
  casing('measures-casing', 'measures', 6.5),
  {
    id: 'measures-line',
    type: 'line',
    source: 'measures',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': BUILT, 'line-width': ['case', ['get', 'chosen'], 4.5, 3] },
  },
  {
    id: 'measures-point',
    type: 'circle',
    source: 'measures',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: { 'circle-radius': 6.5, 'circle-color': BUILT, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 2 },
  },
  casing('gaps-casing', 'gaps', 7),
  {
    id: 'gaps',
    type: 'line',
    source: 'gaps',
    paint: { 'line-color': WRONG, 'line-width': 3.5, 'line-dasharray': [1.6, 1.2] },
  },
  {
    id: 'gaps-point',
    type: 'circle',
    source: 'gaps',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: { 'circle-radius': 7, 'circle-color': WRONG, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 2 },
  },
  {
    id: 'faults-water',
    type: 'fill',
    source: 'faults',
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': '#3d66ff', 'fill-opacity': 0.35 },
  },
  {
    id: 'faults-proposal',
    type: 'line',
    source: 'faults',
    filter: ['==', ['geometry-type'], 'LineString'],
    paint: { 'line-color': WRONG, 'line-width': 3, 'line-dasharray': [2, 1] },
  },
  {
    id: 'faults-point',
    type: 'circle',
    source: 'faults',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': ['case', ['get', 'chosen'], 11, 8],
      'circle-color': ['match', ['get', 'state'], 'accepted', '#2e6b34', 'rejected', '#8d9495', WRONG],
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': 2,
    },
  },
];

const NAMED: LayerSpecification[] = [
  {
    id: 'measures-name',
    type: 'symbol',
    source: 'measures',
    minzoom: 14.5,
    layout: {
      'text-field': ['get', 'name'],
      'text-font': NAMES,
      'text-size': 12.5,
      'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
      'text-radial-offset': 1,
    },
    paint: { 'text-color': '#4a1072', 'text-halo-color': 'rgba(255,255,255,0.95)', 'text-halo-width': 1.8 },
  },
  {
    id: 'faults-number',
    type: 'symbol',
    source: 'faults',
    filter: ['==', ['geometry-type'], 'Point'],
    layout: { 'text-field': ['to-string', ['get', 'rank']], 'text-font': NAMES, 'text-size': 11, 'text-allow-overlap': true },
    paint: { 'text-color': '#ffffff' },
  },
];

/** Layers that a click takes a measure or a fault from. */
export const CLICKABLE = ['measures-point', 'measures-line', 'measures-fill', 'faults-point'];

/** Puts the empty layers above the buildings and below the names. */
export function addOverlays(map: MapLibre): void {
  for (const id of SOURCES) map.addSource(id, { type: 'geojson', data: NOTHING as GeoJSON.FeatureCollection });
  for (const layer of LAYERS) map.addLayer(layer, 'street-names');
  for (const layer of NAMED) map.addLayer(layer);
}

function put(map: MapLibre, id: Source, data: Collection): void {
  map.getSource<GeoJSONSource>(id)?.setData(data as GeoJSON.FeatureCollection);
}

function collection(features: (GeoJSON.Feature | null)[]): Collection {
  return { type: 'FeatureCollection', features: features.filter((f) => f !== null) };
}

function feature(geometry: GeoJSON.Geometry, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry };
}

/** Brings the layers up to date; `shown` are the measures of the result on the map, if it is one with measures. */
export function showPlan(map: MapLibre, state: Readonly<State>, shown: Collection | null): void {
  const { plan, tab, selected, estimating, fault } = state;
  const planning = tab === 'new';
  const estimate = planning && estimating ? answered(state.estimate) : null;
  put(map, 'estimate-paths', estimate?.rung === state.rung ? estimate.paths : NOTHING);
  const extent = answered(state.extent);
  put(
    map,
    'area',
    planning && plan.area
      ? collection([extent?.outline ? feature(extent.outline, { role: 'extent' }) : null, feature(ring(plan.area), { role: 'drawn' })])
      : NOTHING,
  );
  put(map, 'measures', planning ? drawnMeasures(plan.measures, selected) : named(shown ?? NOTHING));
  put(map, 'gaps', planning && plan.measures.length > 0 ? gaps(answered(state.checked)?.features) : NOTHING);
  const known = planning ? (answered(state.faults)?.faults ?? []) : [];
  const faults = known.filter((one) => state.faultsShown || one.state === 'accepted' || one.number === fault); // accepted ones go into the run
  put(
    map,
    'faults',
    collection(
      faults.flatMap((one) => [
        one.proposal && one.number === fault ? feature(one.proposal.geometry, { state: one.state }) : null,
        one.geometry && one.number === fault ? feature(one.geometry, { state: one.state }) : null,
        feature({ type: 'Point', coordinates: [one.lon, one.lat] }, { number: one.number, rank: one.rank, state: one.state, chosen: one.number === fault }),
      ]),
    ),
  );
  const origin = answered(state.origin);
  put(map, 'origin', origin ? collection([feature(origin.polygon, {})]) : NOTHING);
}

/** Only what is wrong is marked; notes have no place of their own. */
function gaps(remarks: Collection | undefined): Collection {
  return collection(remarks?.features.map((f) => (f.properties?.['severity'] === 'note' ? null : (f as GeoJSON.Feature))) ?? []);
}

function drawnMeasures(measures: readonly Measure[], selected: string | null): Collection {
  return collection(
    measures.map((measure) => {
      const geometry = geometryOf(measure);
      return geometry && feature(geometry, { id: measure.id, name: measure.title || t(`measure.${measure.kind}`), chosen: measure.id === selected });
    }),
  );
}

/** Measures of a result, called by their title or by their kind. */
function named(measures: Collection): Collection {
  return {
    ...measures,
    features: measures.features
      .filter((f) => f.geometry)
      .map((f) => ({ ...f, properties: { ...f.properties, chosen: false, name: String(f.properties?.['title'] || label(f.properties)) } })),
  };
}

function label(properties: GeoJSON.GeoJsonProperties): string {
  return String(properties?.[`label_${lang()}`] ?? properties?.['kind'] ?? '');
}
