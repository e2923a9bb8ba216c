import { isFill } from '../compare/fill.js';
import type { LoadedSection } from '../kernel/sections.js';
import type { Bytes } from '../units.js';
import { ofLinker, ofMany, type Piece } from './link-map.js';
import type { Named } from './named.js';
import { leafKinds, type LeafKind } from './types.js';

export type IndexIntoLeafTable = number;

/**
 * Every byte of every section, each in exactly one row, by address: the sizes of a section's
 * rows add up to that of the section.
 */
export interface LeafTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  size: Float64Array<ArrayBuffer>;
  /** Position in the list of sections. */
  section: Uint16Array<ArrayBuffer>;
  /** Index into the objects; -1 for bytes of no object file, or of none that is known. */
  object: Int32Array<ArrayBuffer>;
  /** Index into `leafKinds`. */
  kind: Uint8Array<ArrayBuffer>;
  /** The symbol's name; of rows without one, what they are: `.altinstructions`, `padding`. */
  name: string[];
}

/** What is known of where a section's bytes come from; all in order of address. */
export interface SectionSources {
  section: LoadedSection;
  named: readonly Named[];
  /** Of the link map; undefined without one. */
  pieces: readonly Piece[] | undefined;
  /** Names of input sections, which pieces name by number. */
  inputs: readonly string[];
  /** Object of a piece, or -1 where its symbols are to tell. */
  objectOf: (piece: Piece) => number;
}

/** In a section without contents, a gap of less than a cache line is taken for alignment. */
const mostAlignment: Bytes = 64;

interface Row {
  start: number;
  size: Bytes;
  section: number;
  object: number;
  kind: LeafKind;
  name: string;
}

/** Cuts sections at every border of a piece or a name. */
export function leavesOf(sources: readonly SectionSources[]): LeafTable {
  const rows: Row[] = [];
  sources.forEach((source, position) => cutSection(source, position, rows));
  return {
    length: rows.length,
    start: Float64Array.from(rows, ({ start }) => start),
    size: Float64Array.from(rows, ({ size }) => size),
    section: Uint16Array.from(rows, ({ section }) => section),
    object: Int32Array.from(rows, ({ object }) => object),
    kind: Uint8Array.from(rows, ({ kind }) => leafKinds.indexOf(kind)),
    name: rows.map(({ name }) => name),
  };
}

function cutSection(sources: SectionSources, position: number, rows: Row[]): void {
  const { section, named, pieces = [] } = sources;
  const end = section.start + section.size;
  let name = 0;
  let piece = 0;
  for (let at = section.start; at < end;) {
    while (name < named.length && endOf(named[name]!) <= at) name++;
    while (piece < pieces.length && endOf(pieces[piece]!) <= at) piece++;
    const [inName, nextName] = within(named[name], at);
    const [inPiece, nextPiece] = within(pieces[piece], at);
    const next = Math.min(end, nextName, nextPiece);
    const row = { start: at, size: next - at, section: position };
    const leaf = { ...row, ...whatIs(sources, row, inName, inPiece) };
    const last = rows.at(-1);
    // A name goes on behind a border of pieces of the same object.
    if (inName && last && endOf(last) === at && isSame(last, leaf)) last.size += leaf.size;
    else rows.push(leaf);
    at = next;
  }
}

/** What holds an address, and where that changes. */
function within<T extends { start: number; size: Bytes }>(
  one: T | undefined,
  at: number,
): [T | undefined, number] {
  if (!one) return [undefined, Infinity];
  return one.start <= at ? [one, endOf(one)] : [undefined, one.start];
}

function endOf({ start, size }: { start: number; size: Bytes }): number {
  return start + size;
}

function isSame(a: Row, b: Row): boolean {
  return a.section === b.section && a.object === b.object && a.kind === b.kind && a.name === b.name;
}

function whatIs(
  sources: SectionSources,
  { start, size }: { start: number; size: Bytes },
  named: Named | undefined,
  piece: Piece | undefined,
): Pick<Row, 'object' | 'kind' | 'name'> {
  const { section, inputs, objectOf } = sources;
  const byPiece = piece ? objectOf(piece) : -1;
  if (named) {
    const object = byPiece >= 0 ? byPiece : named.object;
    return { object, kind: named.isFunction ? 'function' : 'object', name: named.name };
  }
  const input = piece && inputs[piece.input];
  const isFilled = input === '*fill*';
  if (
    section.bytes.length === 0 ? isAlignment(sources, start, size, piece) : isFilled || isZero()
  ) {
    return { object: byPiece, kind: 'padding', name: 'padding' };
  }
  const name = isFilled
    ? `${section.name}, reserved by the linker script`
    : (input ?? section.name);
  const shared = piece?.object === ofMany ? ', of many files' : '';
  return { object: byPiece, kind: 'unnamed', name: name + shared };

  function isZero(): boolean {
    return isFill(section, start - section.start, start - section.start + size);
  }
}

/**
 * Whether a gap of a section without contents is alignment. What the linker has at its very beginning
 * is reserved (`. += ...`: .brk, .orc_lookup), since a section begins aligned.
 */
function isAlignment(
  { section, pieces }: SectionSources,
  start: number,
  size: Bytes,
  piece: Piece | undefined,
): boolean {
  if (pieces && (!piece || piece.object === ofLinker)) return start > section.start;
  return size < mostAlignment;
}
