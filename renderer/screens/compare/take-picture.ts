import { flushSync, mount, unmount } from 'svelte';
import type { Chart } from './chart.js';
import ChartPicture from './ChartPicture.svelte';
import { pngOf, standaloneSvg } from './picture.js';

/** A chart as the bytes of a file, drawn for it alone: as wide as paper, and light. */
export async function takePicture(
  chart: Chart,
  label: string,
  format: 'png' | 'svg',
): Promise<Uint8Array<ArrayBuffer>> {
  let svg: SVGSVGElement | undefined;
  const props = { chart, label, onsvg: (drawn: SVGSVGElement) => void (svg = drawn) };
  const picture = mount(ChartPicture, { target: document.body, props });
  try {
    flushSync();
    const text = standaloneSvg(svg!);
    return format === 'png' ? await pngOf(text, chart) : new TextEncoder().encode(text);
  } finally {
    await unmount(picture);
  }
}
