/** The chosen run in numbers: the text alternative of the map and the account of its water. */

import { h } from '../dom';
import type { Key } from '../i18n';
import { t } from '../i18n';
import type { Run, Manifest } from '../types';
import { dateTime, depth, minutes, number, share, speed, unit, wallTime } from '../words';

function table(caption: string, rows: [string, string][], className: string): HTMLElement {
  return h(
    'table',
    { class: className },
    h('caption', {}, caption),
    h('tbody', {}, ...rows.map(([label, value]) => h('tr', {}, h('th', { scope: 'row' }, label), h('td', {}, value)))),
  );
}

export function factsTable(run: Run): HTMLElement {
  const { storm, grid, extremes, performance, created, version } = run.manifest ?? ({} as Partial<Manifest>);
  const rows: [string, string][] = [];
  const add = <T>(label: Key, value: T | null | undefined, say: (value: T) => string): void => {
    if (value !== null && value !== undefined) rows.push([t(label), say(value)]);
  };
  add('facts.rain', storm?.depth_mm, (mm) => t('facts.rain.value', { depth: number(mm, 1) }));
  add('facts.rain_duration', storm?.duration_min, minutes);
  add('facts.run_duration', run.duration_s, (s) => minutes(s / 60));
  add('facts.max_depth', extremes?.max_depth_m ?? run.max_depth_m, depth);
  add('facts.max_speed', extremes?.max_speed_m_s, speed);
  add('facts.cell', grid?.cell_m, (m) => unit(m, 'm', 2));
  add('facts.cells', grid?.active_cells, number);
  add('facts.wall', performance?.wall_s, wallTime);
  add('facts.created', created ?? run.created, dateTime);
  add('facts.version', version, String);
  add('facts.id', run.id, String);
  return table(t('facts.caption'), rows, 'facts');
}

const IN: [string, Key][] = [
  ['initial_m3', 'facts.initial_m3'],
  ['rain_m3', 'facts.rain_m3'],
  ['roof_m3', 'facts.roof_m3'],
  ['inflow_m3', 'facts.inflow_m3'],
  ['manholes_m3', 'facts.manholes_m3'],
];
const OUT: [string, Key][] = [
  ['outflow_m3', 'facts.outflow_m3'],
  ['wetting_m3', 'facts.wetting_m3'],
  ['infiltration_m3', 'facts.infiltration_m3'],
  ['sewer_flat_m3', 'facts.sewer_flat_m3'],
  ['sewer_capacity_m3', 'facts.sewer_capacity_m3'],
  ['sewer_inlets_m3', 'facts.sewer_inlets_m3'],
  ['sewer_roofs_m3', 'facts.sewer_roofs_m3'],
  ['green_roofs_m3', 'facts.green_roofs_m3'],
  ['storages_m3', 'facts.storages_m3'],
  ['river_m3', 'facts.river_m3'],
  ['in_culverts_m3', 'facts.in_culverts_m3'],
  ['stored_m3', 'facts.stored_m3'],
];

/** What came in above, where it went below, and the difference; lines of zero are left out. */
export function balanceTable(run: Run): HTMLElement | null {
  const ledger = run.manifest?.ledger;
  if (!ledger || Object.keys(ledger).length === 0) return null;
  const lines = (list: [string, Key][], sign: string): [string, string][] =>
    list.flatMap(([key, label]) => {
      const volume = ledger[key] ?? 0;
      return Math.abs(volume) < 0.5 ? [] : [[`${sign} ${t(label)}`, unit(volume, 'm³')] as [string, string]];
    });
  const rows = [...lines(IN, '+'), ...lines(OUT, '−')];
  rows.push([t('facts.error'), share(ledger['relative_error'] ?? 0)]);
  return table(t('facts.balance'), rows, 'facts balance');
}
