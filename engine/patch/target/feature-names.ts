import { patchErrors } from '../../errors/patch.js';
import { addressOfName } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import { viewOf } from '../families/instructions.js';
import type { PatchKernel } from '../kernel.js';
import type { FamilyName } from '../types.js';
import { rows as rows61 } from './feature-names/6.1.js';
import { rows as rows612 } from './feature-names/6.12.js';

/** Tables by kernel series: numbers of the kernel's own features move from one to the next. */
const tables: Readonly<Record<string, string>> = { '6.1': rows61, '6.12': rows612 };

type Names = ReadonlyMap<number, string>;

const known = new WeakMap<PatchKernel, Names>();

/**
 * `X86_FEATURE_SMAP`, `X86_BUG_SPECTRE_V2`: the header's name where the kernel's series has a table.
 * Else the kernel's own word for it, as in /proc/cpuinfo (`smap`); features that the kernel does not
 * show there have none, and appear by word and bit (`11*32+12`).
 */
export function featureName(kernel: PatchKernel, feature: number): string {
  let names = known.get(kernel);
  if (!names) known.set(kernel, (names = namesFor(kernel)));
  return names.get(feature) ?? `${feature >> 5}*32+${feature & 31}`;
}

/**
 * The number of a feature that the kernel's own code asks for (`RETHUNK`); undefined where the
 * series has no such feature.
 * @throws patch-algorithm-unknown for a series without a table
 */
export function featureNumber(
  kernel: PatchKernel,
  name: string,
  family: FamilyName,
): number | undefined {
  const table = tables[seriesOf(kernel)];
  if (table === undefined) {
    throw patchErrors.algorithmUnknown({
      ...{ family, file: kernel.label },
      why: `the number of X86_FEATURE_${name} in Linux ${kernel.version ?? 'of no version'} is unknown`,
    });
  }
  const number = new RegExp(`\\b(\\d+):${name}\\b`).exec(table)?.[1];
  return number === undefined ? undefined : Number(number);
}

function seriesOf({ version }: PatchKernel): string {
  return /^\d+\.\d+/.exec(version ?? '')?.[0] ?? '';
}

function namesFor(kernel: PatchKernel): Names {
  const table = tables[seriesOf(kernel)];
  if (table === undefined) return ownFlags(kernel);
  const names = new Map<number, string>();
  for (const row of table.trim().split(/\s+/)) {
    const [number = '', name = ''] = row.split(':');
    names.set(Number(number), name.startsWith('BUG_') ? `X86_${name}` : `X86_FEATURE_${name}`);
  }
  return names;
}

/** More than any version has words of features. */
const mostFlags = 64 * 32;

/** `x86_cap_flags`: an array of pointers to names, NULL for features without one. */
function ownFlags({ names, sections }: PatchKernel): Names {
  const found = new Map<number, string>();
  const start = addressOfName(names, 'x86_cap_flags');
  const holder = start === undefined ? undefined : sections[sectionAt(sections, start)];
  if (start === undefined || !holder || holder.bytes.length <= start - holder.start) return found;
  const pointers = viewOf(holder.bytes, start - holder.start);
  for (let i = 0; i < mostFlags && 8 * i + 8 <= pointers.byteLength; i++) {
    const at = Number(pointers.getBigInt64(8 * i, true));
    if (at === 0) continue;
    const section = sections[sectionAt(sections, at)];
    const text = section && stringAt(section.bytes, at - section.start);
    // The array ends where something else begins.
    if (text === undefined) break;
    found.set(i, text);
  }
  return found;
}

/** No name of a feature has been longer. */
const longestFlag = 32;

function stringAt(bytes: Uint8Array, from: number): string | undefined {
  const text = Buffer.from(bytes.subarray(from, from + longestFlag)).toString('latin1');
  return /^([a-z][a-z0-9_]*)\0/.exec(text)?.[1];
}
