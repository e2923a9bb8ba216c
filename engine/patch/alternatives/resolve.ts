import { patchErrors } from '../../errors/patch.js';
import { sectionAt } from '../../kernel/sections.js';
import { joinNops, joinSingleNops, lookAhead, nop1, nopsOf, type Nops } from '../nops.js';
import type { PatchKernel } from '../kernel.js';
import { readCapabilities, type Capabilities } from '../target/capabilities.js';
import type { FamilyName, IndexIntoSiteTable, PatchedText, Target } from '../types.js';
import { moveBranch } from './move-branch.js';
import { moveCode } from './move-code.js';
import { flagNot, type AlternativeSites } from './table.js';

/** One of the two ways in which kernels have applied alternatives. */
interface Algorithm {
  /** Fits a replacement, padded to the site's size, to where it goes. */
  move(code: Uint8Array, from: number, to: number, nops: Nops, replacementSize: number): void;
  joinNops(nops: Nops, code: Uint8Array, length: number): void;
}

/** apply_alternatives() until Linux 6.3: a call or a jump of five bytes is fitted, if it comes first. */
const firstBranch: Algorithm = { move: moveBranch, joinNops: joinSingleNops };

/** Since Linux 6.4: every branch and every operand relative to the instruction is. */
const everyInstruction: Algorithm = { move: moveCode, joinNops };

/** What the rewriting of a kernel's alternatives depends on, read once. */
export interface AlternativeResolver {
  capabilities: Capabilities;
  /** Whether an entry replaces its site on the target. */
  applies(sites: AlternativeSites, index: IndexIntoSiteTable): boolean;
  /**
   * What becomes of a site: the replacement, or what is there, with its NOPs joined.
   * @param replacement  absent where the entry does not apply
   */
  rewritten(
    text: PatchedText,
    sites: AlternativeSites,
    index: IndexIntoSiteTable,
    replacement?: Uint8Array,
  ): Uint8Array;
}

/** @throws patch-algorithm-unknown, patch-capabilities, patch-memory-missing */
export function alternativeResolver(
  kernel: PatchKernel,
  target: Target,
  sites: AlternativeSites,
  family: FamilyName,
): AlternativeResolver {
  const isNewer = joinsAllNops(kernel, sites, family);
  const algorithm = isNewer ? everyInstruction : firstBranch;
  const nops = nopsOf(kernel, isNewer);
  const capabilities = readCapabilities(kernel, target);
  return {
    capabilities,
    applies: ({ feature, flags }, i) =>
      capabilities.has(feature[i]!) !== ((flags[i]! & flagNot) !== 0),
    rewritten(text, { address, size, replacement: from, replacementSize }, i, replacement) {
      const length = size[i]!;
      const code = withLookAhead(text, address[i]!, length);
      if (replacement) {
        code.fill(nop1, 0, length).set(replacement);
        const moved = code.subarray(0, length);
        algorithm.move(moved, from[i]!, address[i]!, nops, replacementSize[i]!);
      }
      algorithm.joinNops(nops, code, length);
      return code.subarray(0, length);
    },
  };
}

/** Code and what the kernel's decoder sees behind it. */
function withLookAhead(text: PatchedText, address: number, length: number): Uint8Array {
  const { sections } = text.kernel;
  const section = sections[sectionAt(sections, address)];
  const room = section ? section.start + section.bytes.length - address : length;
  return text.get(address, Math.min(length + lookAhead, Math.max(room, length)));
}

/**
 * Which way it is: struct alt_instr got its flags in 6.3, and the code was written anew in 6.4.
 * @throws patch-algorithm-unknown
 */
export function joinsAllNops(
  { label, version }: PatchKernel,
  sites: Pick<AlternativeSites, 'layout'> | undefined,
  family: FamilyName,
): boolean {
  if (!sites) {
    const why = 'it has no alternatives, whose layout would tell';
    throw patchErrors.algorithmUnknown({ family, file: label, why });
  }
  const { layout } = sites;
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  const release = major === undefined ? undefined : Number(major) * 1000 + Number(minor);
  if (layout.entrySize === 14) return release === undefined || release >= 6004;
  if (layout.entrySize === 12 && (release === undefined || release >= 5013)) return false;
  throw patchErrors.algorithmUnknown({
    ...{ family, file: label },
    why: `it is older than Linux ${layout.entrySize === 12 ? '5.13' : layout.since}`,
  });
}
