import type { Bytes, Instructions } from '../../engine/units.js';
import type { Baselines } from './baselines.js';
import type { Codec } from './codecs.js';

/** What was measured with one codec. */
export interface CodecFigures {
  codec: Codec;
  /** Sizes of files: each kernel alone, native with xen's payload behind it, the multi-image. */
  native: Bytes;
  xen: Bytes;
  twoPayloads: Bytes;
  merged: Bytes;
  recipe: Bytes;
  stages: { name: string; size: Bytes }[];
  mergeSeconds: number;
  /** From reset to the first instruction of /init. */
  instructions: Record<'native' | 'merged', Instructions>;
  /** Smallest memory that it boots with, in MiB. */
  memory: Record<'native' | 'merged', number>;
}

export interface Figures {
  unpacked: Record<'native' | 'xen', Bytes>;
  codecs: CodecFigures[];
  baselines: Baselines;
  versions: string[];
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const ratio = (value: number): string => value.toFixed(3);
const millions = (value: number): string => `${(value / 1e6).toFixed(1)} M`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value}`;
const percent = (value: number): string => `${value < 0 ? '' : '+'}${(100 * value).toFixed(1)} %`;

/** The figures as one Markdown table, a column a codec, and the versions below it. */
export function tableOf({ unpacked, codecs, baselines, versions }: Figures): string {
  const { oneStream, patchFrom, bsdiff, xdelta3, xdelta3Lzma, bsdiffSeconds } = baselines;
  const row = (label: string, value: (figures: CodecFigures) => string): string[] => [
    label,
    ...codecs.map(value),
  ];
  const same = (label: string, size: number): string[] => row(label, () => whole(size));
  const added = ({ merged, xen }: CodecFigures): Bytes => merged - xen;
  const stageNames = codecs[0]?.stages.map(({ name }) => name) ?? [];
  const rows = [
    row('bytes, or as said', ({ codec }) => codec),
    row('native alone', (one) => whole(one.native)),
    row('xen alone', (one) => whole(one.xen)),
    row("native's file and xen's payload", (one) => whole(one.twoPayloads)),
    row('multi-image', (one) => whole(one.merged)),
    row('multi-image / xen alone', (one) => ratio(one.merged / one.xen)),
    same('both unpacked, one stream: zstd -22 --long=27', oneStream),
    same('native from xen: zstd -22 --patch-from', patchFrom),
    same('native from xen: bsdiff', bsdiff),
    same('native from xen: xdelta3 -9 -S none', xdelta3),
    same('native from xen: xdelta3 -9 -S lzma', xdelta3Lzma),
    row('multi-image - xen alone: added for native', (one) => whole(added(one))),
    row('added / patch-from', (one) => ratio(added(one) / patchFrom)),
    row('added / bsdiff', (one) => ratio(added(one) / bsdiff)),
    row('of it code, directory, padding', (one) => whole(added(one) - one.recipe)),
    row('of it the recipe', (one) => whole(one.recipe)),
    ...stageNames.map((name, i) =>
      row(`of the recipe ${name}`, ({ stages }) => whole(stages[i]!.size)),
    ),
    row('time: merge', (one) => seconds(one.mergeSeconds)),
    row('time: bsdiff', () => seconds(bsdiffSeconds)),
    row('time: merge / bsdiff', (one) => ratio(one.mergeSeconds / bsdiffSeconds)),
    row('reset to /init: native alone, instructions', (one) => millions(one.instructions.native)),
    row('reset to /init: multi-image as native', (one) => millions(one.instructions.merged)),
    row('reset to /init: more', ({ instructions: { native, merged } }) =>
      percent(merged / native - 1),
    ),
    row('smallest memory: native alone, MiB', (one) => whole(one.memory.native)),
    row('smallest memory: multi-image as native, MiB', (one) => whole(one.memory.merged)),
    row('smallest memory: more, MiB', ({ memory }) => signed(memory.merged - memory.native)),
  ];
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: string[]): string =>
    `| ${cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join(' | ')} |`;
  const rule = `| ${widths.map((w, i) => (i === 0 ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)).join(' | ')} |`;
  const [head, ...body] = rows.map(line);
  const sizes = `Unpacked: native ${whole(unpacked.native)}, xen ${whole(unpacked.xen)} bytes.`;
  return [head, rule, ...body, '', sizes, ...versions].join('\n');
}
