/** The address of the page names what it shows: run, view, place, language. */

import type { Lang, View } from './types';
import { VIEWS } from './types';

export interface Place {
  zoom: number;
  lat: number;
  lng: number;
}

export interface Link {
  run?: string;
  terrain?: string;
  view?: View;
  map?: Place;
  lang?: Lang;
}

/** Reads `#run=…&view=…&map=zoom/lat/lng&lang=…`; what it cannot read is left out. */
export function readLink(hash: string): Link {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const link: Link = {};
  const run = fields.get('run');
  const terrain = fields.get('terrain');
  if (run && /^[\w-]+$/.test(run)) link.run = run;
  if (terrain && /^[\w-]+$/.test(terrain)) link.terrain = terrain;
  const view = VIEWS.find((v) => v === fields.get('view'));
  if (view) link.view = view;
  const [zoom, lat, lng] = (fields.get('map') ?? '').split('/').map(Number);
  if (Number.isFinite(zoom) && Number.isFinite(lat) && Number.isFinite(lng)) {
    link.map = { zoom: zoom as number, lat: lat as number, lng: lng as number };
  }
  const lang = fields.get('lang');
  if (lang === 'de' || lang === 'en') link.lang = lang;
  return link;
}

/** Puts it into the address bar without a step in the history. */
export function writeLink(link: Link): void {
  const parts: string[] = [];
  if (link.terrain) parts.push(`terrain=${link.terrain}`);
  if (link.run) parts.push(`run=${link.run}`);
  if (link.view) parts.push(`view=${link.view}`);
  if (link.map) parts.push(`map=${link.map.zoom.toFixed(2)}/${link.map.lat.toFixed(5)}/${link.map.lng.toFixed(5)}`);
  if (link.lang) parts.push(`lang=${link.lang}`);
  const hash = `#${parts.join('&')}`;
  if (hash !== location.hash) history.replaceState(null, '', hash);
}
