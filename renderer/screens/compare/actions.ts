import { tick } from 'svelte';
import type { ExportChoice } from '../../../engine/contract/app/compare.js';
import { client } from '../../shared/client.js';
import { report, toast } from '../../shared/state.svelte.js';
import { chartOf, type ChartInput } from './chart.js';
import { compare } from './compare.svelte.js';
import { paper } from './paper.js';
import { takePicture } from './take-picture.js';

function which(): { experiment: number; baseline: number } {
  return { experiment: compare.experiment ?? 0, baseline: compare.baseline };
}

export async function copyMarkdown(): Promise<void> {
  try {
    const { text } = await client.call('compare.markdown', which());
    await window.shell.copyText(text);
    toast('Copied as Markdown');
  } catch (error) {
    report(error);
  }
}

export async function exportAs(format: ExportChoice): Promise<void> {
  try {
    const file = await window.shell.chooseSaveFile(`${compare.fileName}.${format}`);
    if (!file) return;
    await client.call('compare.export', { ...which(), format, file: file.token });
    toast(`Saved ${file.name}`);
  } catch (error) {
    report(error);
  }
}

export async function saveChart(input: ChartInput, format: 'png' | 'svg'): Promise<void> {
  try {
    const file = await window.shell.chooseSaveFile(`${compare.fileName}.${format}`);
    if (!file) return;
    const chart = chartOf({ ...input, width: paper.width });
    const bytes = await takePicture(chart, input.title, format);
    await client.call('compare.chart', { file: file.token, bytes });
    toast(`Saved ${file.name}`);
  } catch (error) {
    report(error);
  }
}

export async function printPdf(): Promise<void> {
  try {
    compare.printing = true;
    await tick();
    const name = await window.shell.printPdf(`${compare.fileName}.pdf`);
    if (name) toast(`Saved ${name}`);
  } catch (error) {
    report(error);
  } finally {
    compare.printing = false;
  }
}
