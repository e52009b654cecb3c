/**
 * Longitude and latitude to UTM and back.
 *
 * The transverse Mercator series of Krüger to third order in n is exact to under
 * a millimetre within a zone (Karney 2011, doi:10.1007/s00190-011-0445-3).
 */

const A = 6378137;
const F = 1 / 298.257222101;
const K0 = 0.9996;
const N = F / (2 - F);
const E = Math.sqrt(F * (2 - F));
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3, (13 / 48) * N ** 2 - (3 / 5) * N ** 3, (61 / 240) * N ** 3];
const BETA = [N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3, (1 / 48) * N ** 2 + (1 / 15) * N ** 3, (17 / 480) * N ** 3];
const DELTA = [2 * N - (2 / 3) * N ** 2 - 2 * N ** 3, (7 / 3) * N ** 2 - (8 / 5) * N ** 3, (56 / 15) * N ** 3];
const DEGREE = Math.PI / 180;

export interface Zone {
  meridian: number;
  north: number;
}

/** UTM zone of an EPSG code (ETRS89, WGS 84 north and south), or null. */
export function zoneOf(epsg: number | null): Zone | null {
  if (epsg === null) return null;
  const zone = epsg % 100;
  if (zone < 1 || zone > 60) return null;
  const family = Math.floor(epsg / 100);
  if (family !== 258 && family !== 326 && family !== 327) return null;
  return { meridian: (6 * zone - 183) * DEGREE, north: family === 327 ? 1e7 : 0 };
}

/** Easting and northing in metres of a point in degrees. */
export function toUtm(lng: number, lat: number, zone: Zone): [number, number] {
  const s = Math.sin(lat * DEGREE);
  const tau = Math.sinh(Math.atanh(s) - E * Math.atanh(E * s));
  const l = lng * DEGREE - zone.meridian;
  const xi = Math.atan2(tau, Math.cos(l));
  const eta = Math.atanh(Math.sin(l) / Math.sqrt(1 + tau * tau));
  let x = eta;
  let y = xi;
  ALPHA.forEach((a, i) => {
    const j = 2 * (i + 1);
    x += a * Math.cos(j * xi) * Math.sinh(j * eta);
    y += a * Math.sin(j * xi) * Math.cosh(j * eta);
  });
  return [5e5 + K0 * RADIUS * x, zone.north + K0 * RADIUS * y];
}

/** Longitude and latitude in degrees of a point in metres. */
export function fromUtm(easting: number, northing: number, zone: Zone): [number, number] {
  const y = (northing - zone.north) / (K0 * RADIUS);
  const x = (easting - 5e5) / (K0 * RADIUS);
  let xi = y;
  let eta = x;
  BETA.forEach((b, i) => {
    const j = 2 * (i + 1);
    xi -= b * Math.sin(j * y) * Math.cosh(j * x);
    eta -= b * Math.cos(j * y) * Math.sinh(j * x);
  });
  const chi = Math.asin(Math.sin(xi) / Math.cosh(eta));
  const lat = DELTA.reduce((sum, d, i) => sum + d * Math.sin(2 * (i + 1) * chi), chi);
  return [(zone.meridian + Math.atan2(Math.sinh(eta), Math.cos(xi))) / DEGREE, lat / DEGREE];
}
