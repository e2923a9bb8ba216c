import { patchErrors } from '../../errors/patch.js';
import { lastNotAbove, type SignedAddress } from '../../kernel/address.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { AlternativeSites } from '../alternatives/table.js';
import { sameBytes } from '../families/instructions.js';
import { staysInText } from '../families/site-rows.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import type { FamilyName } from '../types.js';
import { withCodeText, type CodeLine, type CodeText } from './code-text.js';
import type { IndexIntoSiteList, SiteList } from './site-list.js';
import { fileBytes } from './site-row.js';

/** A function with what may become of its sites beside it, as `objtool --disas` shows alternatives. */
export interface FunctionView {
  name: string;
  address: SignedAddress;
  size: Bytes;
  blocks: Block[];
}

/** Some instructions; `sites` is empty for those that stay what they are. */
export interface Block {
  original: CodeLine[];
  /** What may be rewritten here. */
  sites: BlockSite[];
  /** What stands here after boot. Null without a target, and for code that is freed. */
  after: CodeLine[] | null;
  /** Whether that is something else. */
  changes: boolean;
}

export interface BlockSite {
  address: SignedAddress;
  family: FamilyName;
  subject: string;
  /** The replacement of an alternative; null for other families. */
  replacement: CodeLine[] | null;
}

/** Larger ones are shown as far as this. */
const longestFunction: Bytes = 0x20000;

/** @throws patch-function-unknown */
export function functionViews(list: SiteList, name: string): FunctionView[] {
  const ranges = functionRanges(list.kernel, name);
  return withCodeText(list.kernel, (code) =>
    ranges.map((range) => ({
      name,
      address: range.start,
      size: range.end - range.start,
      blocks: blocksOf(list, code, range),
    })),
  );
}

/** Where code of a name lies: static functions share names. */
function functionRanges(kernel: PatchKernel, name: string): AddressRange[] {
  const { names, sections, label } = kernel;
  const found: AddressRange[] = [];
  const similar = new Set<string>();
  names.name.forEach((one, row) => {
    const start = names.start[row]!;
    const section = sections[sectionAt(sections, start)];
    if (section?.executable !== true) return;
    if (one !== name) {
      if (similar.size < 5 && one.includes(name)) similar.add(one);
      return;
    }
    const next = names.start[lastNotAbove(names.start, names.length, start) + 1] ?? Infinity;
    const end = names.size[row]! > 0 ? start + names.size[row]! : next;
    const most = Math.min(section.start + section.bytes.length, start + longestFunction);
    if (!found.some((other) => other.start === start)) {
      found.push({ start, end: Math.min(end, most) });
    }
  });
  if (found.length > 0) return found;
  throw patchErrors.functionUnknown({ name, file: label, similar: [...similar] });
}

/** Cuts a function's instructions where sites begin and end; sites that overlap share a block. */
function blocksOf(list: SiteList, code: CodeText, range: AddressRange): Block[] {
  const { kernel } = list;
  const bytes = fileBytes(kernel, range.start, range.end - range.start);
  const lines = code.lines(range.start, bytes, bytes.length, range);
  const sites = sitesIn(list, range);
  const blocks: Block[] = [];
  let next = 0;
  for (let i = 0; i < lines.length;) {
    const original = [lines[i]!];
    const from = lines[i]!.address;
    let end = from + lines[i]!.size;
    const here: IndexIntoSiteList[] = [];
    i++;
    // An instruction that is longer than its site belongs to it as a whole.
    while (next < sites.length && placeOf(list, sites[next]!).address < end) {
      const { address, size } = placeOf(list, sites[next]!);
      here.push(sites[next++]!);
      for (; i < lines.length && lines[i]!.address < address + size; i++) original.push(lines[i]!);
      const last = original.at(-1)!;
      end = Math.max(end, last.address + last.size);
    }
    if (here.length > 0) blocks.push(siteBlock(list, code, { start: from, end }, original, here));
    else addPlain(blocks, original);
  }
  return blocks;
}

function addPlain(blocks: Block[], original: CodeLine[]): void {
  const last = blocks.at(-1);
  if (last?.sites.length === 0) last.original.push(...original);
  else blocks.push({ original, sites: [], after: null, changes: false });
}

function siteBlock(
  list: SiteList,
  code: CodeText,
  { start, end }: AddressRange,
  original: CodeLine[],
  rows: readonly IndexIntoSiteList[],
): Block {
  const { kernel, after } = list;
  const sites = rows.map((row) => blockSite(list, code, row));
  if (!after || !staysInText(kernel, start))
    return { original, sites, after: null, changes: false };
  const now = after.get(start, end - start);
  const changes = !sameBytes(now, fileBytes(kernel, start, end - start));
  return { original, sites, after: code.lines(start, now, now.length), changes };
}

function blockSite(list: SiteList, code: CodeText, row: IndexIntoSiteList): BlockSite {
  const { kernel } = list;
  const { family, sites } = list.families[list.family[row]!]!;
  const index = list.index[row]!;
  return {
    address: sites.address[index]!,
    family: family.name,
    subject: family.describe(kernel, sites, index),
    replacement:
      family.name === 'alternative'
        ? replacementOf(kernel, code, sites as AlternativeSites, index)
        : null,
  };
}

function replacementOf(
  kernel: PatchKernel,
  code: CodeText,
  { replacement, replacementSize }: AlternativeSites,
  index: number,
): CodeLine[] {
  const [address, size] = [replacement[index]!, replacementSize[index]!];
  return size === 0 ? [] : code.lines(address, fileBytes(kernel, address, size), size);
}

/** Rows of a list whose sites begin in a range, by address. */
function sitesIn(list: SiteList, { start, end }: AddressRange): IndexIntoSiteList[] {
  const found: IndexIntoSiteList[] = [];
  for (let row = 0; row < list.length; row++) {
    const { address } = placeOf(list, row);
    if (address >= start && address < end) found.push(row);
  }
  return found;
}

function placeOf(list: SiteList, row: IndexIntoSiteList): { address: SignedAddress; size: Bytes } {
  const { sites } = list.families[list.family[row]!]!;
  const index = list.index[row]!;
  return { address: sites.address[index]!, size: sites.size[index]! };
}
