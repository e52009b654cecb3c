/** Shapes of the HTTP interface, as the service's OpenAPI document describes them. */

export type Lang = 'de' | 'en';

export type RunState = 'queued' | 'starting' | 'running' | 'finishing' | 'done' | 'failed' | 'cancelled';

export const FINAL: ReadonlySet<RunState> = new Set(['done', 'failed', 'cancelled']);

/** Result layers the map can show. */
export const VIEWS = ['max_depth', 'max_speed', 'max_unit_discharge', 'arrival_time', 'duration'] as const;
export type View = (typeof VIEWS)[number];

/** Longitude and latitude in degrees. */
export type LngLat = [number, number];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type ScenarioJson = { [key: string]: Json };

export interface Terrain {
  id: string;
  name: string;
  synthetic: boolean;
  bounds_wgs84: [number, number, number, number];
  /** Null for the stand-in of a result whose terrain is not registered. */
  cell_m: number | null;
  rows: number;
  cols: number;
  epsg: number | null;
  scenario: ScenarioJson | null;
}

export interface StormPreset {
  key: string;
  label_de: string;
  label_en: string;
  storm: { [key: string]: Json };
  duration_min: number;
  source: string;
  note_de: string;
  note_en: string;
  published: string;
  statistics: string | null;
  return_period_a: number | null;
}

export interface LegendClass {
  lower: number;
  upper: number | null;
  colour: string;
  label_de: string;
  label_en: string;
}

export type Legend = Record<View, LegendClass[]> & { not_shown_de: string; not_shown_en: string };

export interface RunRow {
  id: string;
  title: string;
  state: RunState;
  created: string;
  /** null: a result whose terrain is not registered with this service. */
  terrain: string | null;
  terrain_name: string;
  synthetic: boolean;
  storm_label: string;
  storm_label_en: string;
  /** Of a run with measures: what compares it with the state without them. */
  comparison: string | null;
  cancel_requested: boolean;
  progress: number;
  simulated_s: number;
  duration_s: number;
  eta_s: number | null;
  mass_error: number | null;
  max_depth_m: number | null;
  message: string | null;
  message_en: string | null;
}

export interface Grid {
  west: number;
  north: number;
  cell_m: number;
  rows: number;
  cols: number;
  epsg: number | null;
  active_cells?: number;
}

/** What a finished run's manifest sums up. Older or foreign results may lack figures. */
export interface Manifest {
  bounds_wgs84: [number, number, number, number];
  grid: Grid;
  storm: { depth_mm?: number; duration_min?: number };
  ledger: Record<string, number | null>;
  performance: { wall_s?: number };
  extremes: { max_depth_m?: number; max_speed_m_s?: number };
  notes: string[];
  /** What was computed of a drawn area; null for the whole terrain. */
  area: { sentence_de: string; sentence_en: string } | null;
  /** Ids of the measures. */
  measures: string[];
  threshold_m: number | null;
  version: string | null;
  created: string | null;
}

export interface Run extends RunRow {
  scenario: ScenarioJson;
  manifest: Manifest | null;
}

export interface Reading {
  text_de: string;
  text_en: string;
}

export interface PointValue {
  inside: boolean;
  blocked: boolean;
  max_depth: Reading | null;
  max_speed: Reading | null;
  arrival_time: Reading | null;
  time_of_max_depth: Reading | null;
  duration: Reading | null;
}

export interface ResultFile {
  name: string;
  bytes: number;
  media_type: string;
}
