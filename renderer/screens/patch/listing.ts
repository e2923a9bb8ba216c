import type { FunctionView } from '../../../engine/contract/app/patch.js';
import type { PairedLine } from '../../shared/listing.js';

type Block = FunctionView['blocks'][number];
type CodeLine = Block['original'][number];

/** A line of the listing: before on the left, after boot on the right. */
export interface ListingLine extends PairedLine {
  left: CodeLine | null;
  right: CodeLine | null;
  /** `paravirt pv_ops.mmu.write_cr3`; empty beside code that is no site. */
  note: string;
  /** `variant`: not known yet, the right half is what an alternative may put there. */
  kind: 'plain' | 'changes' | 'stays' | 'variant';
}

/**
 * A function's instructions, before and after side by side, aligned by offset.
 * @param observed what happens on the target is known: code without sites stays what it is
 */
export function listingLines({ blocks }: FunctionView, observed: boolean): ListingLine[] {
  return blocks.flatMap((block) =>
    block.sites.length === 0
      ? block.original.map((left): ListingLine => ({
          ...{ left, right: observed ? left : null, note: '', kind: 'plain' },
        }))
      : siteLines(block),
  );
}

function siteLines(block: Block): ListingLine[] {
  const { original, sites, after, changes } = block;
  const kind = after ? (changes ? 'changes' : 'stays') : 'variant';
  const pairs = after
    ? aligned(original, after)
    : original.map((left): [CodeLine, null] => [left, null]);
  const notes = sites.map(({ family, subject }) => `${family} ${subject}`.trim());
  const variants = after ? [] : sites.flatMap(variantLines);
  const length = Math.max(pairs.length, notes.length, variants.length);
  return Array.from({ length }, (_, i) => {
    const [left, right] = pairs[i] ?? [null, null];
    return { left, right: right ?? variants[i] ?? null, note: notes[i] ?? '', kind };
  });
}

/** What an alternative may put there; nothing for other families. Offsets are its own. */
function variantLines({ subject, replacement }: Block['sites'][number]): CodeLine[] {
  if (replacement === null) return [];
  const heading = { offset: 0, size: 0, text: `<${subject}>` };
  const nothing = { offset: 0, size: 0, text: '(nothing: NOPs)' };
  return [heading, ...(replacement.length > 0 ? replacement : [nothing])];
}

/** Pairs lines that begin at the same place; the others stand alone. */
function aligned(
  before: readonly CodeLine[],
  after: readonly CodeLine[],
): [CodeLine | null, CodeLine | null][] {
  const pairs: [CodeLine | null, CodeLine | null][] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length;) {
    const [left, right] = [before[i] ?? null, after[j] ?? null];
    const [at, to] = [left?.offset ?? Infinity, right?.offset ?? Infinity];
    pairs.push([at <= to ? left : null, to <= at ? right : null]);
    if (at <= to) i++;
    if (to <= at) j++;
  }
  return pairs;
}

/** The view in which an address lies: static functions share names. */
export function viewAt(views: readonly FunctionView[], address: string): FunctionView | undefined {
  const at = BigInt(`0x${address}`);
  return (
    views.find((view) => {
      const start = BigInt(`0x${view.address}`);
      return at >= start && at < start + BigInt(view.size);
    }) ?? views[0]
  );
}

/** The line with the instruction at an address; the first where there is none. */
export function lineAt(lines: readonly ListingLine[], view: FunctionView, address: string): number {
  const offset = Number(BigInt(`0x${address}`) - BigInt(`0x${view.address}`));
  return Math.max(
    0,
    lines.findIndex(
      ({ left }) => left !== null && offset >= left.offset && offset < left.offset + left.size,
    ),
  );
}

/** The listing as text, for a mail. */
export function listingText(view: FunctionView, lines: readonly ListingLine[]): string {
  const half = (line: CodeLine | null): string =>
    line === null ? '' : `${line.offset.toString(16).padStart(5)}  ${line.text}`;
  const width = Math.max(...lines.map(({ left }) => half(left).length));
  const noteWidth = Math.max(...lines.map(({ note }) => note.length));
  return [
    `${view.name}: ${view.address}, ${view.size} bytes`,
    ...lines.map(({ left, right, note }) =>
      `${half(left).padEnd(width)}  ${note.padEnd(noteWidth)}  ${half(right)}`.trimEnd(),
    ),
  ].join('\n');
}
