/** The measures that can be drawn: how each is drawn, and what it asks for. Keys are those of the Scenario. */

export type Shape = 'line' | 'polygon' | 'rectangle' | 'two' | 'point';

export interface Field {
  key: FieldKey;
  kind: 'number' | 'yes' | 'choice';
  unit?: 'm' | 'm³' | 'mm' | 'm²' | 'm³/s' | '1 : …' | '';
  /** What a new drawing starts with: to be changed, not a recommendation. */
  start?: string | boolean;
  required?: boolean;
  signed?: boolean;
  options?: readonly string[];
  /** Of the two one is given: typing one empties the other. */
  instead?: FieldKey;
  /** Shown under "more". */
  expert?: boolean;
}

export type FieldKey =
  | 'height_m' | 'crest_m' | 'crest_width_m' | 'side_slope' | 'volume_m3' | 'depth_m' | 'bottom_m' | 'dam' | 'width_m' | 'graded'
  | 'kerb_height_m' | 'change_m' | 'level_m' | 'surface' | 'storage_mm' | 'area_m2' | 'threshold_m' | 'shape' | 'barrels'
  | 'blockage' | 'invert_up_m' | 'invert_down_m' | 'inflow_capacity_m3s';

export type MeasureKind =
  | 'wall' | 'embankment' | 'mobile_barrier' | 'basin' | 'swale' | 'emergency_flow_path' | 'kerb' | 'ground' | 'unsealing' | 'greening'
  | 'green_roof' | 'threshold' | 'culvert' | 'storage';

export interface Kind {
  kind: MeasureKind;
  shape: Shape;
  fields: readonly Field[];
}

const number = (key: FieldKey, unit: NonNullable<Field['unit']>, start?: string, more: Partial<Field> = {}): Field => ({
  key,
  kind: 'number',
  unit,
  ...(start !== undefined && { start }),
  ...more,
});
const EXPERT = { expert: true } as const;
const REQUIRED = { required: true } as const;
const CREST = number('crest_m', 'm', undefined, { signed: true, expert: true, instead: 'height_m' });
const height = (start: string): Field => number('height_m', 'm', start, { instead: 'crest_m' });
/** Keys of the shipped land-cover table that a street can be turned into. */
const GREEN = ['garden', 'meadow', 'shrub', 'forest', 'ballast'] as const;

export const KINDS: readonly Kind[] = [
  { kind: 'wall', shape: 'line', fields: [height('1'), CREST] },
  {
    kind: 'embankment',
    shape: 'line',
    fields: [
      height('1'),
      CREST,
      number('crest_width_m', 'm', undefined, EXPERT),
      number('side_slope', '1 : …', undefined, EXPERT),
    ],
  },
  { kind: 'mobile_barrier', shape: 'line', fields: [height('0.6'), CREST] },
  {
    kind: 'basin',
    shape: 'polygon',
    fields: [
      number('volume_m3', 'm³', '500'),
      number('depth_m', 'm'),
      { key: 'dam', kind: 'yes', expert: true },
      number('bottom_m', 'm', undefined, EXPERT),
      number('side_slope', '1 : …', undefined, EXPERT),
    ],
  },
  {
    kind: 'swale',
    shape: 'line',
    fields: [number('width_m', 'm', '4', REQUIRED), number('depth_m', 'm', '0.3', REQUIRED), { key: 'graded', kind: 'yes' }],
  },
  {
    kind: 'emergency_flow_path',
    shape: 'line',
    fields: [
      number('width_m', 'm', '5', REQUIRED),
      number('depth_m', 'm', '0.1'),
      number('kerb_height_m', 'm', '0.12'),
      { key: 'graded', kind: 'yes' },
    ],
  },
  { kind: 'kerb', shape: 'line', fields: [number('height_m', 'm', '0.12', { required: true, signed: true })] },
  {
    kind: 'ground',
    shape: 'polygon',
    fields: [
      number('change_m', 'm', '-0.3', { signed: true, instead: 'level_m' }),
      number('level_m', 'm', undefined, { signed: true, expert: true, instead: 'change_m' }),
    ],
  },
  { kind: 'unsealing', shape: 'polygon', fields: [{ key: 'surface', kind: 'choice', options: GREEN, start: 'garden' }] },
  { kind: 'greening', shape: 'polygon', fields: [{ key: 'surface', kind: 'choice', options: GREEN, start: 'meadow' }] },
  {
    kind: 'green_roof',
    shape: 'point',
    fields: [number('storage_mm', 'mm', '30', REQUIRED), number('area_m2', 'm²')],
  },
  { kind: 'threshold', shape: 'point', fields: [number('threshold_m', 'm', '0.15', REQUIRED)] },
  {
    kind: 'culvert',
    shape: 'two',
    fields: [
      { key: 'shape', kind: 'choice', options: ['circular', 'box'], start: 'circular' },
      number('width_m', 'm', '0.8', REQUIRED),
      number('height_m', 'm'),
      number('barrels', '', undefined, EXPERT),
      number('blockage', '', undefined, EXPERT),
      number('invert_up_m', 'm', undefined, { signed: true, expert: true }),
      number('invert_down_m', 'm', undefined, { signed: true, expert: true }),
    ],
  },
  {
    kind: 'storage',
    shape: 'point',
    fields: [number('volume_m3', 'm³', '50', REQUIRED), number('inflow_capacity_m3s', 'm³/s', '0.1', REQUIRED)],
  },
];

const BY_KIND = new Map(KINDS.map((kind) => [kind.kind, kind]));

export function kindOf(kind: MeasureKind): Kind {
  return BY_KIND.get(kind) as Kind;
}

export function isKind(kind: unknown): kind is MeasureKind {
  return BY_KIND.has(kind as MeasureKind);
}
