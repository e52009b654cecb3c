/**
 * Draws a thin edge around flooded areas.
 *
 * The lightest class of the legend has hardly any contrast to a bright
 * background; the edge shows the extent to everybody, also in grey print. It is
 * drawn on the tile's own pixels, so nothing is smoothed and no cell moves.
 */

import { addProtocol } from 'maplibre-gl';

const PROTOCOL = 'edge';
const INK: readonly [number, number, number] = [18, 44, 74];

/** The address template of a tile layer, through the edge filter. */
export function withEdge(template: string): string {
  return `${PROTOCOL}://${template}`;
}

export function registerEdge(): void {
  addProtocol(PROTOCOL, async (request, abort) => {
    const address = request.url.slice(PROTOCOL.length + 3);
    const reply = await fetch(address, { signal: abort.signal });
    if (!reply.ok) throw new Error(`tile ${reply.status}`);
    const bitmap = await createImageBitmap(await reply.blob(), { premultiplyAlpha: 'none' });
    return { data: await outline(bitmap, strength(address)) };
  });
}

/** Share of ink in an edge pixel: zoomed out nearly every pixel is an edge, and the map must not turn dark. */
function strength(address: string): number {
  const zoom = Number(/\/(\d+)\/\d+\/\d+\.png/.exec(address)?.[1] ?? 0);
  return Math.min(0.7, Math.max(0.18, 0.18 + (zoom - 14) * 0.16));
}

async function outline(bitmap: ImageBitmap, ink: number): Promise<ImageBitmap> {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return bitmap;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const image = context.getImageData(0, 0, width, height);
  const pixels = image.data;
  const wet = new Uint8Array(width * height);
  for (let i = 0; i < wet.length; i++) wet[i] = pixels[4 * i + 3] ? 1 : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      // beyond the tile nothing is known: no edge there
      const inside =
        (x === 0 || wet[i - 1]) && (x === width - 1 || wet[i + 1]) && (y === 0 || wet[i - width]) && (y === height - 1 || wet[i + width]);
      if (!wet[i] || inside) continue;
      for (let band = 0; band < 3; band++) {
        const p = 4 * i + band;
        pixels[p] = (pixels[p] as number) * (1 - ink) + (INK[band] as number) * ink;
      }
    }
  }
  context.putImageData(image, 0, 0);
  return createImageBitmap(canvas);
}
