import { addressText, type SignedAddress } from '../../kernel/address.js';
import { placeText } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { callOpcode, jumpOpcode, sameBytes } from '../families/instructions.js';
import { staysInText } from '../families/site-rows.js';
import type { PatchKernel } from '../kernel.js';
import type { FamilyName, Outcome } from '../types.js';
import type { CodeLine, CodeText } from './code-text.js';
import type { IndexIntoSiteList, SiteList } from './site-list.js';

/** One patch site, for people and files. */
export interface SiteRow {
  address: string;
  /** `schedule+0x10` */
  place: string;
  family: FamilyName;
  /** Key, feature, pv_ops member: what decides. */
  subject: string;
  /** Hexadecimal. */
  bytes: string;
  /** Several have `; ` between them. */
  instruction: string;
  /** False for code that is freed after boot. */
  staysInText: boolean;
  after: SiteAfter | null;
}

/** What a site is after boot. */
export interface SiteAfter {
  bytes: string;
  instruction: string;
  /** Of paravirt sites; null for others. */
  outcome: Outcome | null;
}

/** Bytes of an instruction in front of the site's own: the opcode of `movabs` and `shr`. */
const leadingBytes: Partial<Record<FamilyName, Bytes>> = { 'runtime-constant': 2 };

/** No instruction is longer. */
const longest: Bytes = 15;

/** The row of a list, with its instructions decoded. */
export function siteRow(list: SiteList, code: CodeText, row: IndexIntoSiteList): SiteRow {
  const { kernel, after } = list;
  const { family, sites } = list.families[list.family[row]!]!;
  const index = list.index[row]!;
  const [address, size] = [sites.address[index]!, sites.size[index]!];
  const stays = staysInText(kernel, address);
  const from = address - (leadingBytes[family.name] ?? 0);
  const before = fileBytes(kernel, from, address + size - from + longest);
  const text = (bytes: Uint8Array): string =>
    joined(code.lines(from, bytes, address + size - from));
  const bytes = before.subarray(address - from, address - from + size);
  const result = {
    address: addressText(address),
    place: placeText(kernel.names, address),
    family: family.name,
    subject: family.describe(kernel, sites, index),
    bytes: hex(bytes),
    instruction: text(before),
    staysInText: stays,
  };
  if (!after || !stays) return { ...result, after: null };
  const now = after.get(from, before.length);
  const changed = now.subarray(address - from, address - from + size);
  const outcome = family.name === 'paravirt' ? outcomeOf(bytes, changed, code) : null;
  return { ...result, after: { bytes: hex(changed), instruction: text(now), outcome } };
}

/** Instructions of one site; runs of what only fills are counted. */
export function joined(lines: readonly CodeLine[]): string {
  const words: string[] = [];
  for (const { text } of lines) {
    const last = words.at(-1);
    if (last !== undefined && last.replace(/ \(\d+ times\)$/, '') === text) {
      const times = Number(/\((\d+) times\)$/.exec(last)?.[1] ?? 1) + 1;
      words[words.length - 1] = `${text} (${times} times)`;
    } else words.push(text);
  }
  return words.map((word) => word.replace(/ {2,}/g, ' ')).join('; ');
}

function outcomeOf(before: Uint8Array, after: Uint8Array, code: CodeText): Outcome {
  if (sameBytes(before, after)) return 'unchanged';
  const lines = code.lines(0, after, after.length);
  const isNop = ({ text }: CodeLine): boolean => /nop|^xchg +%ax,%ax$/.test(text);
  if (lines.every(isNop)) return 'no-op';
  const isBranch = after[0] === callOpcode || after[0] === jumpOpcode;
  return isBranch && lines.slice(1).every(isNop) ? 'direct call' : 'inline sequence';
}

/** As many bytes of the file as there are. */
export function fileBytes(
  { sections }: PatchKernel,
  address: SignedAddress,
  size: Bytes,
): Uint8Array {
  const section = sections[sectionAt(sections, address)];
  if (!section) return new Uint8Array(0);
  return section.bytes.subarray(address - section.start, address - section.start + size);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
