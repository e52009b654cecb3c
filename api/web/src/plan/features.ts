/** Measures as GeoJSON in longitude and latitude, and back. */

import type { Key } from '../i18n';
import type { Json, LngLat } from '../types';
import { asTyped, numberFault, parseNumber, parseSigned } from '../words';
import type { Field } from './kinds';
import { isKind, kindOf } from './kinds';
import type { Measure } from './plan';
import { freeId } from './plan';

export type Collection = GeoJSON.FeatureCollection<GeoJSON.Geometry | null>;

/** What is wrong with an attribute as typed. */
export function attributeFault(field: Field, values: Measure['values']): Key | undefined {
  if (field.kind !== 'number') return undefined;
  const value = String(values[field.key] ?? '');
  if (value.trim() === '') return field.required || (field.instead && !values[field.instead]) ? 'measure.missing' : undefined;
  return numberOf(field, value) === null ? numberFault(value) : undefined;
}

/** Whether every attribute can be read. */
export function readable(measure: Measure): boolean {
  return kindOf(measure.kind).fields.every((field) => !attributeFault(field, measure.values));
}

function numberOf(field: Field, text: string): number | null {
  return field.signed ? parseSigned(text) : parseNumber(text);
}

/** What is drawn of a measure; null for one that names its buildings. */
export function geometryOf(measure: Measure): GeoJSON.Geometry | null {
  const { points, kind } = measure;
  if (points.length === 0) return null;
  const { shape } = kindOf(kind);
  if (points.length === 1) return { type: 'Point', coordinates: points[0] as LngLat };
  if (shape === 'line' || shape === 'two') return { type: 'LineString', coordinates: points };
  return ring(points);
}

/** A closed ring of corners. */
export function ring(corners: readonly LngLat[]): GeoJSON.Polygon {
  return { type: 'Polygon', coordinates: [[...corners, corners[0] ?? [0, 0]]] };
}

/** One feature of each measure, with the attributes that the Scenario knows. */
export function toFeatures(measures: readonly Measure[]): Collection {
  return { type: 'FeatureCollection', features: measures.map(toFeature) };
}

function toFeature(measure: Measure): Collection['features'][number] {
  const properties: Record<string, Json> = { id: measure.id, kind: measure.kind };
  if (measure.title) properties['title'] = measure.title;
  const known = new Map(kindOf(measure.kind).fields.map((field) => [field.key as string, field]));
  for (const [key, value] of Object.entries(measure.values)) {
    const field = known.get(key);
    if (value === '' || value === false) continue;
    if (field?.kind === 'number' && typeof value === 'string') {
      const number = numberOf(field, value);
      if (number !== null) properties[key] = number;
    } else properties[key] = value;
  }
  return { type: 'Feature', properties, geometry: geometryOf(measure) };
}

/** Measures of a collection in longitude and latitude, and how many of it cannot be drawn here. */
export function fromFeatures(collection: Collection, others: readonly Measure[]): { measures: Measure[]; skipped: number } {
  const found: Measure[] = [];
  for (const feature of collection.features) {
    const { kind, id, title, label_de: _, label_en: __, ...rest } = (feature.properties ?? {}) as Record<string, Json>;
    // the service shows the roofs of a measure that names its buildings, but takes either the one or the other
    const points = rest['buildings'] ? [] : feature.geometry && pointsOf(feature.geometry);
    if (!isKind(kind) || !points) continue;
    const values: Measure['values'] = {};
    for (const [key, value] of Object.entries(rest)) {
      if (typeof value === 'number') values[key] = asTyped(String(value));
      else if (typeof value === 'string' || typeof value === 'boolean') values[key] = value;
    }
    const all = [...others, ...found];
    const taken = typeof id !== 'string' || all.some((measure) => measure.id === id);
    found.push({ id: taken ? freeId(kind, all) : id, kind, title: typeof title === 'string' ? title : '', points, values });
  }
  return { measures: found, skipped: collection.features.length - found.length };
}

function pointsOf(geometry: GeoJSON.Geometry): LngLat[] | null {
  const pair = (p: GeoJSON.Position): LngLat => [p[0] as number, p[1] as number];
  if (geometry.type === 'Point') return [pair(geometry.coordinates)];
  if (geometry.type === 'LineString') return geometry.coordinates.map(pair);
  if (geometry.type === 'Polygon') return (geometry.coordinates[0] ?? []).slice(0, -1).map(pair);
  return null;
}
