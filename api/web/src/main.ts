/** Puts the page together and keeps address, language and state in step. */

import './styles/base.css';
import './styles/panel.css';
import './styles/result.css';
import './styles/form.css';
import './styles/plan.css';
import './styles/measures.css';
import './styles/map.css';
import './styles/tools.css';
import './styles/phone.css';
import type { Map as MapLibre } from 'maplibre-gl';
import { Actions } from './actions';
import { createCard } from './card';
import { append, h } from './dom';
import { lang, setLang, storedLang } from './i18n';
import { createLegend, createNotShown } from './legend';
import { keepUncovered } from './map/uncover';
import { createMap } from './map/view';
import { createPanel } from './panel/panel';
import { Live } from './plan/live';
import { planFor } from './plan/plan';
import type { Place } from './permalink';
import { readLink, writeLink } from './permalink';
import { liveRegion } from './speak';
import { Store } from './state';
import { createTools } from './tools';
import type { Lang } from './types';
import { FINAL } from './types';

declare global {
  interface Window {
    /** For tests and for the curious at the console. */
    floodSim: { map: MapLibre | null };
  }
}

const PHONE = matchMedia('(max-width: 720px)');

const link = readLink(location.hash);
setLang(link.lang ?? storedLang());

const store = new Store({
  service: 'starting',
  terrains: [],
  terrain: null,
  storms: [],
  legend: null,
  version: '',
  runs: [],
  run: null,
  linkGone: false,
  files: [],
  view: link.view ?? 'max_depth',
  opacity: 0.85,
  tab: 'result',
  open: !PHONE.matches,
  point: null,
  plan: planFor(null),
  sketch: null,
  selected: null,
  tool: null,
  notOffered: [],
  landCover: null,
  index: null,
  indexElsewhere: false,
  hyetograph: null,
  checked: null,
  checkedBusy: false,
  skipped: 0,
  extent: null,
  estimating: false,
  rung: 'sinks',
  estimate: null,
  estimateBusy: false,
  origin: null,
  faults: null,
  fault: null,
  faultsShown: false,
  comparison: null,
  comparisonProblem: null,
  difference: false,
  measures: null,
});
const actions = new Actions(store);
const live = new Live(store);
let place: Place | undefined = link.map;
let folded = false;

function speak(next: Lang): void {
  setLang(next);
  store.redraw();
  remember();
}

function remember(): void {
  const { run, view, terrain, terrains, service } = store.state;
  if (service === 'starting') return;
  writeLink({
    ...(terrain && terrains.length > 1 && { terrain: terrain.id }),
    ...(run && { run: run.id }),
    view,
    ...(place && { map: place }),
    lang: lang(),
  });
}

/** What the boxes of the page leave free of the map. */
function padding(): { top: number; right: number; bottom: number; left: number } {
  if (PHONE.matches) return { top: 96, right: 12, bottom: 320, left: 12 };
  const panel = document.querySelector('.panel')?.getBoundingClientRect();
  return { top: 20, right: 20, bottom: 72, left: (panel?.right ?? 0) + 16 };
}

const host = h('div', { class: 'map' });
const asks = { value: (lng: number, lat: number) => void actions.ask(lng, lat), origin: (lng: number, lat: number) => void live.askOrigin(lng, lat) };
const card = createCard(store, asks.origin);
const main = h('main', {}, h('div', { class: 'stage' }, host), createTools(store), card, createLegend(store), createNotShown(store));
append(document.getElementById('app') as HTMLElement, [createPanel(store, actions, live, speak), main, liveRegion()]);
window.floodSim = {
  map: createMap(host, store, link.map, {
    overlay: main,
    asks,
    moved: (now) => {
      place = now;
      remember();
    },
    padding,
  }),
};
if (window.floodSim.map) keepUncovered(window.floodSim.map, card, store);
store.on(['run', 'view', 'terrain'], remember);
store.on(['sketch', 'tool'], ({ sketch, tool }) => {
  // on a phone the panel covers the map: fold it while something is drawn
  if (PHONE.matches) store.set({ open: !sketch && !tool && store.state.tab === 'new' && folded ? true : sketch || tool ? false : store.state.open });
  folded = Boolean(sketch);
});
let going = '';
store.on(['run'], ({ run }) => {
  // on a phone the panel hides the map: fold it when there is something new to see
  if (PHONE.matches && run?.state === 'done' && going === run.id) store.set({ open: false });
  going = run && !FINAL.has(run.state) ? run.id : '';
});
window.addEventListener('hashchange', () => {
  const next = readLink(location.hash);
  if (next.lang && next.lang !== lang()) speak(next.lang);
  if (next.view) store.set({ view: next.view });
  if (next.run && next.run !== store.state.run?.id) void actions.choose(next.run);
  if (next.map) window.floodSim.map?.jumpTo({ center: [next.map.lng, next.map.lat], zoom: next.map.zoom });
});
void actions.boot(link);
