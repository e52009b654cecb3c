/** Words of the page. German is the source; English must have the same keys (checked by the compiler). */

import type { Lang } from '../types';
import de from './de.json';
import dePlan from './de.plan.json';
import en from './en.json';
import enPlan from './en.plan.json';

export type Key = keyof typeof de | keyof typeof dePlan;

const CATALOGUES: Record<Lang, Record<Key, string>> = { de: { ...de, ...dePlan }, en: { ...en, ...enPlan } };
const STORED = 'flood-sim.lang';

let current: Lang = 'de';

export function lang(): Lang {
  return current;
}

export function setLang(next: Lang): void {
  current = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // a browser that forbids storage still has the address
  }
}

/** The language kept from the last visit; German if there is none. */
export function storedLang(): Lang {
  try {
    return localStorage.getItem(STORED) === 'en' ? 'en' : 'de';
  } catch {
    return 'de';
  }
}

/** The text for a key, with `{name}` replaced. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return CATALOGUES[current][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Picks the German or English half of a pair that came from the service. */
export function pick(pair: { de: string; en: string }): string {
  return current === 'de' ? pair.de : pair.en || pair.de;
}
