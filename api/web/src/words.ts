/** Numbers and times as people read them: rounded, with unit, in the language of the page. */

import type { Key } from './i18n';
import { lang, pick, t } from './i18n';
import type { RunRow } from './types';

const NARROW = '\u202f';

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(lang(), { maximumFractionDigits: digits, minimumFractionDigits: 0 }).format(value);
}

/** A value with its unit, a narrow space between. */
export function unit(value: number, symbol: string, digits = 0): string {
  return number(value, digits) + NARROW + symbol;
}

/** Model depth for the public: to 10 cm, "ca.", capped at 150 cm (the rounding of the official maps). */
export function depth(metres: number): string {
  if (metres < 0.1) return t('value.below10');
  if (metres > 1.5) return `>${NARROW}150${NARROW}cm`;
  return `${t('value.about')} ${unit(Math.round(metres * 10) * 10, 'cm')}`;
}

/** Model speed for the public: one decimal, "ca.", capped at 6 m/s. */
export function speed(metresPerSecond: number): string {
  if (metresPerSecond > 6) return `>${NARROW}6${NARROW}m/s`;
  const rounded = new Intl.NumberFormat(lang(), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return `${t('value.about')} ${rounded.format(metresPerSecond)}${NARROW}m/s`;
}

export function minutes(value: number): string {
  return unit(value, 'min', 1);
}

/** "fertig in 20 s", "fertig in 3 min". */
export function eta(seconds: number): string {
  if (seconds < 3) return t('progress.soon');
  const value = seconds < 100 ? unit(Math.round(seconds), 's') : minutes(Math.ceil(seconds / 60));
  return t('progress.eta', { value });
}

/** The error of the water balance as a share of all water, in percent with the digits that matter. */
export function share(relative: number): string {
  const percent = Math.abs(relative) * 100;
  if (percent < 1e-4) return `<${NARROW}${number(0.0001, 4)}${NARROW}%`;
  return `${number(percent, percent < 0.01 ? 4 : 2)}${NARROW}%`;
}

export function wallTime(seconds: number): string {
  return seconds < 100 ? unit(seconds, 's', seconds < 10 ? 1 : 0) : minutes(seconds / 60);
}

export function bytes(count: number): string {
  return count < 1e6 ? unit(Math.max(1, count / 1e3), 'kB') : unit(count / 1e6, 'MB', 1);
}

export function dateTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(lang() === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}

/** Thousands as each language writes them: 1.000 is a thousand to a German and one to an English reader. */
const THOUSANDS = { de: /^\d{1,3}(\.\d{3})+$/, en: /^\d{1,3}(,\d{3})+$/ };

/** Reads a number typed with decimal comma or point; null when it is none, or when it can be read in two ways. */
export function parseNumber(text: string): number | null {
  if (THOUSANDS[lang()].test(text.trim())) return null;
  const cleaned = text.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(cleaned) ? Number(cleaned) : null;
}

/** What to say of a text that is no number. */
export function numberFault(text: string): Key {
  return THOUSANDS[lang()].test(unsigned(text)) ? 'check.thousands' : 'check.number';
}

/** A number without marks of thousands. */
export function plain(text: string): string {
  return text.trim().replace(/[.,]/g, '');
}

function unsigned(text: string): string {
  return text.trim().replace(/^[+\-−]\s*/, '');
}

/** As `parseNumber`, with a sign in front. */
export function parseSigned(text: string): number | null {
  const value = parseNumber(unsigned(text));
  return value === null ? null : /^\s*[-−]/.test(text) ? -value : value;
}

/** A plain number as it is typed in the language of the page. */
export function asTyped(plain: string): string {
  return lang() === 'de' ? plain.replace('.', ',') : plain;
}

/** How a run is called in lists and headlines: by how much it rained, and then how. */
export function stormLabel(run: RunRow): { amount: string; shape: string } {
  const whole = pick({ de: run.storm_label, en: run.storm_label_en }) || run.title || run.id;
  const [amount = '', ...shape] = whole.split(', ');
  return { amount, shape: shape.join(', ') };
}
