/** What the service answers while a run is planned. */

import type { Json, LegendClass, RunState } from '../types';

type Collection = GeoJSON.FeatureCollection<GeoJSON.Geometry | null>;

export interface Index {
  index: number;
  word_de: string;
  word_en: string;
  text_de: string;
  text_en: string;
  statistics: string;
  return_period_a: number | null;
  mark: string | null;
}

export interface Hyetograph {
  edges_min: number[];
  rates_mm_h: number[];
  depth_mm: number;
  label_de: string;
  label_en: string;
}

export interface NotOffered {
  key: string;
  label_de: string;
  label_en: string;
  why_de: string;
  why_en: string;
}

export interface LandCoverClass {
  code: number;
  key: string;
  label_de: string;
  label_en: string;
  n: number;
  n_shallow: number;
  sealed: number;
  initial_loss_mm: number;
  horton: [number, number, number];
  marks: Record<string, string>;
}

export interface LandCover {
  classes: LandCoverClass[];
  /** What a mark means. */
  marks: Record<string, string>;
}

export interface Remark {
  measure: string;
  code: string;
  severity: 'note' | 'warning' | 'error';
  text_de: string;
  text_en: string;
}

export interface Parsed {
  /** For the Scenario, in the coordinates of the terrain. */
  measures: Json[];
  /** The same for the map. */
  features: Collection;
}

export interface Checked {
  /** False when a measure cannot be as it is drawn. */
  possible: boolean;
  remarks: Remark[];
  features: Collection;
  measures: { id: string; figures: Record<string, number> }[];
}

export interface Extent {
  drawn_ha: number;
  catchment_ha: number;
  computed_ha: number;
  sentence_de: string;
  sentence_en: string;
  outline: GeoJSON.Geometry | null;
  /** `terrain.area` of the Scenario, in the coordinates of the terrain. */
  area: Json;
}

export interface Origin {
  polygon: GeoJSON.Geometry;
  lon: number;
  lat: number;
  area_ha: number;
  volume_m3: number;
  text_de: string;
  text_en: string;
}

/** Sinks and flow paths at once, or a coarse computation in seconds. */
export type Rung = 'sinks' | 'quick';

/** A first answer, before the full run. */
export interface Estimate {
  id: string;
  rung: Rung;
  label_de: string;
  label_en: string;
  shows_de: string;
  shows_en: string;
  leaves_out_de: string;
  leaves_out_en: string;
  distance_de: string;
  distance_en: string;
  figures: Record<'rain_m3' | 'taken_m3' | 'in_m3' | 'stored_m3' | 'left_m3', number | null>;
  notes: string[];
  seconds: number;
  links: Record<string, string>;
  /** Lines with `upstream_ha` and `passing_m3`; fetched with it, empty for a rung without. */
  paths: GeoJSON.FeatureCollection;
}

export type FaultState = 'open' | 'checked' | 'accepted' | 'rejected';

export interface Fault {
  number: number;
  rank: number;
  kind: string;
  label_de: string;
  label_en: string;
  sentence_de: string;
  sentence_en: string;
  water_held_m3: number;
  state: FaultState;
  who: string;
  note: string;
  lon: number;
  lat: number;
  /** The water held back, or an outline. */
  geometry: GeoJSON.Geometry | null;
  /** What would put it right; null where nothing is proposed. */
  proposal: { kind: 'culvert' | 'cut'; geometry: GeoJSON.Geometry } | null;
}

export interface Faults {
  /** False: nobody looked yet, so an empty list says nothing. */
  examined: boolean;
  faults: Fault[];
  notes: string[];
  suggestion_de: string;
  suggestion_en: string;
  /** Accepted ones as the Scenario takes them. */
  corrections: Json[];
  culverts: Json[];
}

export interface BuildingChange {
  id: string;
  without_cm: number;
  with_cm: number;
  difference_cm: number;
  lon: number;
  lat: number;
}

/** A scenario with its measures and without them. */
export interface Comparison {
  id: string;
  state: RunState;
  progress: number;
  /** Ids of the two runs. */
  without: string;
  with: string;
  figures: Record<string, unknown> | null;
  sentences: { de: string[]; en: string[] } | null;
  worse: BuildingChange[];
  better: BuildingChange[];
  legend: LegendClass[];
  links: Record<string, string>;
}
