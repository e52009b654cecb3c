/** Talking to the service: always to the origin the page came from, never anywhere else. */

import type { Json, Legend, PointValue, ResultFile, Run, RunRow, ScenarioJson, StormPreset, Terrain, View } from './types';
import { Problem } from './problem';
import { FINAL } from './types';

export function url(path: string): string {
  return new URL(path, document.baseURI.split('#')[0]).href;
}

export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(url(path), init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Problem(0, 'unreachable', '');
  }
  const body = (await reply.json().catch(() => null)) as Json;
  if (reply.ok) return body as T;
  const problem = (body && typeof body === 'object' && !Array.isArray(body) ? body : {}) as Record<string, Json>;
  const slug = String(problem['type'] ?? '').split(/[/:]/).pop() || 'error';
  throw new Problem(reply.status, slug, String(problem['detail'] ?? problem['title'] ?? reply.statusText));
}

export function posted(body: unknown, signal?: AbortSignal): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), ...(signal && { signal }) };
}

export const api = {
  ready: () => ask<{ status: string }>('health/ready'),
  about: () => ask<{ version: string }>('about'),
  terrains: () => ask<Terrain[]>('terrains'),
  storms: () => ask<StormPreset[]>('storms'),
  legend: () => ask<Legend>('legend'),
  runs: () => ask<RunRow[]>('runs'),
  run: (id: string) => ask<Run>(`runs/${id}`),
  files: (id: string) => ask<ResultFile[]>(`runs/${id}/files`),
  start: (scenario: ScenarioJson) => ask<{ id: string }>('runs', posted(scenario)),
  cancel: (id: string) => ask<Json>(`runs/${id}/cancel`, { method: 'POST' }),
  value: (id: string, lng: number, lat: number) =>
    ask<PointValue>(`runs/${id}/value?lon=${lng.toFixed(7)}&lat=${lat.toFixed(7)}`),
};

export const urls = {
  hillshade: (terrain: string) => `${url('')}terrains/${terrain}/hillshade/{z}/{x}/{y}.png`,
  tiles: (run: string, view: View) => `${url('')}runs/${run}/tiles/${view}/{z}/{x}/{y}.png`,
  streets: (terrain: string) => url(`terrains/${terrain}/streets`),
  places: (terrain: string) => url(`terrains/${terrain}/places`),
  footprints: (terrain: string) => url(`terrains/${terrain}/footprints`),
  runFootprints: (run: string) => url(`runs/${run}/footprints`),
  file: (run: string, name: string) => url(`runs/${run}/files/${name}`),
};

const POLL_MS = 1000;

/**
 * Follows a run until its final state: server-sent events, or polling when the
 * stream breaks (a proxy that buffers, a service that restarts). Returns the
 * function that stops following.
 */
export function follow(id: string, tell: (run: Run) => void): () => void {
  let stopped = false;
  let timer = 0;
  const stream = new EventSource(url(`runs/${id}/events`));

  const stop = (): void => {
    stopped = true;
    stream.close();
    clearTimeout(timer);
  };
  const take = (run: Run): void => {
    if (stopped) return;
    if (FINAL.has(run.state)) stop();
    tell(run);
  };
  const poll = async (): Promise<void> => {
    if (stopped) return;
    try {
      take(await api.run(id));
    } catch {
      // the service may be restarting: ask again
    }
    if (!stopped) timer = window.setTimeout(() => void poll(), POLL_MS);
  };

  stream.addEventListener('run', (event) => take(JSON.parse((event as MessageEvent<string>).data) as Run));
  stream.addEventListener('error', () => {
    stream.close();
    clearTimeout(timer);
    timer = window.setTimeout(() => void poll(), POLL_MS);
  });
  return stop;
}
