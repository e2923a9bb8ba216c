import type { Bytes } from '../units.js';
import {
  correctMap,
  mapAddress,
  mapOfCopies,
  type AddressMap,
  type Correction,
} from './address-map.js';
import {
  align,
  excluded,
  fieldStart,
  insideField,
  type AlignBase,
  type AlignFlavour,
} from './align.js';
import { BitWriter } from './bit-stream.js';
import { writeBytes } from './bytes-stage.js';
import { writeCopies } from './copies-stage.js';
import { cutAtLoadedRanges, fewEnough, type Copy } from './copies.js';
import { chooseCorrections, farthest, want, type Wanted } from './corrections.js';
import { findDataFields } from './data-fields.js';
import { baseDistance, copiesWithinReach } from './distance.js';
import { dataRelative, fieldTarget, fieldWidth, findFields, absolute64 } from './fields.js';
import { writeFixes, type Fix } from './fixes-stage.js';
import {
  addressOf,
  firstAddress,
  loadedAt,
  readKernelImage,
  type FileRange,
  type KernelImage,
} from './image.js';
import { encodeKallsyms, readKallsyms, type Kallsyms } from './kallsyms/index.js';
import { codeLayout, type ImageLayout } from './layout.js';
import { copyAndPredict, fieldLists, visitFields, type FieldLists } from './predict.js';
import { bitModel, RangeEncoder } from './range-coder.js';
import { relocationKinds, relocationRows } from './rebuild.js';
import { writeRows } from './rows-stage.js';
import { codeCorrections, codeDataFields } from './stages.js';
import { carry, orcRows } from './tables.js';
import { workSize } from './work-size.js';

/** A recipe, and where its bytes went. */
export interface Recipe {
  bytes: Uint8Array;
  /** Bytes by stage, in the stream's order; they add up to the whole. */
  stages: { name: string; size: number }[];
  copies: Copy[];
  /** Scratch memory for rebuilding, at boot. */
  workSize: Bytes;
  /** How far behind the flavour's first byte the base may begin, to be overwritten as it is read. */
  distance: Bytes;
  /** Why the symbol names are stored as they are; null when they are rebuilt. */
  namesStored: string | null;
}

/** Alignments with what the one before tells of addresses; a third would gain a few bytes. */
const passes = 2;

/** An image with what the alignment needs of it. */
interface Prepared {
  image: KernelImage;
  kinds: Uint8Array;
  /** Ranges that stages of their own make. */
  made: FileRange[];
}

/**
 * Writes the recipe by which `rebuild` makes the flavour's payload of the base's.
 * Both are unpacked payloads. Nothing but their bytes is needed: no symbols, no
 * relocations other than those for KASLR.
 * @throws elf-*, cancelled
 */
export function writeRecipe(baseBytes: Uint8Array, flavourBytes: Uint8Array): Recipe {
  const steps = recipeSteps(baseBytes, flavourBytes);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps of seconds, each of which is named before it is done. */
export function* recipeSteps(
  baseBytes: Uint8Array,
  flavourBytes: Uint8Array,
  signal?: AbortSignal,
): Generator<string, Recipe> {
  yield 'looking for address fields';
  const base = readKernelImage(baseBytes);
  const flavour = readKernelImage(flavourBytes);
  const names = readNames(baseBytes, flavourBytes);
  if (!base.orc || !flavour.orc) base.orc = flavour.orc = null;
  const from = prepare(base, names.base);
  const to = prepare(flavour, names.flavour);
  const data = dataFieldsOf(from.kinds);
  const lists = fieldLists(base, data);

  yield 'aligning';
  let copies = alignOnce(from, to, null, [], signal);
  let mapped = mapFor(base, flavour, lists, copies);
  for (let pass = 0; pass < passes; pass++) {
    yield 'aligning with addresses';
    copies = alignOnce(from, to, mapped.map, copies, signal);
    mapped = mapFor(base, flavour, lists, copies);
  }
  const { map } = mapped;

  yield 'coding';
  const coder = new RangeEncoder();
  const stream = new BitWriter();
  const stages: Recipe['stages'] = [];
  let size = 0;
  const stage = (name: string): void => {
    const now = coder.size + stream.size;
    stages.push({ name, size: now - size });
    size = now;
  };
  codeLayout(coder, {
    base: layoutOf(base),
    flavour: layoutOf(flavour),
    code: base.code,
    operands: lists.targets.operands,
  });
  codeDataFields(coder, baseBytes.length, data);
  stage('layout');
  const copyTables = writeCopies(coder, stream, copies);
  stage('copies');
  codeCorrections(coder, mapped.corrections);
  stage('address map');
  const out = new Uint8Array(flavourBytes.length);
  const fixes = findFixes({ base, flavour, lists, copies, map, out, made: to.made });
  const fixTables = writeFixes(coder, stream, fixes);
  stage('addresses');
  coder.bit(bitModel(), 0, names.base && names.flavour ? 1 : 0);
  let namesSize = 0;
  if (names.base && names.flavour) {
    const toFlavour = (address: number): number => mapAddress(map, address);
    namesSize = encodeKallsyms(coder, names.base, names.flavour, toFlavour);
  }
  stage('symbol names');
  const orcTables = encodeOrc(coder, stream, base, flavour, copies);
  stage('ORC');
  encodeRelocations(coder, stream, base, flavour, copies);
  stage('relocations');
  for (const { offset, size: length } of to.made) {
    out.set(flavourBytes.subarray(offset, offset + length), offset);
  }
  const byteTables = writeBytes(coder, stream, out, copies, flavour.elfEnd, flavourBytes);
  stage('bytes');
  const coded = coder.finish();
  const bits = stream.finish();
  const bytes = new Uint8Array(4 + coded.length + bits.length);
  new DataView(bytes.buffer).setUint32(0, coded.length, true);
  bytes.set(coded, 4);
  bytes.set(bits, 4 + coded.length);
  // The rest: where the streams begin and end.
  stages.push({ name: 'ends', size: bytes.length - size });
  const needs = {
    dataFields: data.length,
    copies: copies.length,
    corrections: mapped.corrections.length,
    names: namesSize,
    codeTables: Math.max(copyTables, fixTables, orcTables, byteTables),
  };
  const tables = [...from.made, ...relocationKinds.map((kind) => base.relocations[kind])];
  const distance = baseDistance(flavourBytes.length, copies, tables);
  return { bytes, stages, copies, workSize: workSize(needs), distance, namesStored: names.why };
}

/** The symbol tables of both, or of neither and why. */
function readNames(
  base: Uint8Array,
  flavour: Uint8Array,
): { base: Kallsyms | null; flavour: Kallsyms | null; why: string | null } {
  const [from, to] = [readKallsyms(base), readKallsyms(flavour)];
  if ('reason' in from) return { base: null, flavour: null, why: `the base: ${from.reason}` };
  if ('reason' in to) return { base: null, flavour: null, why: to.reason };
  return { base: from, flavour: to, why: null };
}

function prepare(image: KernelImage, kallsyms: Kallsyms | null): Prepared {
  const made: FileRange[] = [];
  for (const [start, end] of kallsyms?.ranges ?? [])
    made.push({ offset: start, size: end - start });
  if (image.orc) {
    made.push({ offset: image.orc.ip, size: 4 * image.orc.count });
    made.push({ offset: image.orc.entries, size: 6 * image.orc.count });
  }
  made.sort((a, b) => a.offset - b.offset);
  const kinds = findFields(image);
  findDataFields(image, kinds, made);
  for (const { offset, size } of made) kinds.fill(0, offset, offset + size);
  return { image, kinds, made };
}

function dataFieldsOf(kinds: Uint8Array): Uint32Array {
  const found: number[] = [];
  for (let at = 0; at < kinds.length; at++) if (kinds[at] === dataRelative) found.push(at);
  return Uint32Array.from(found);
}

const layoutOf = ({ bytes, elfEnd, loaded, relocations, orc }: KernelImage): ImageLayout => ({
  size: bytes.length,
  elfEnd,
  loaded,
  relocations,
  orc,
});

/** The copies' own map, and the corrections that pay. */
function mapFor(
  base: KernelImage,
  flavour: KernelImage,
  lists: FieldLists,
  copies: readonly Copy[],
): { map: AddressMap; corrections: Correction[] } {
  const own = mapOfCopies(base, flavour, copies);
  const wanted: Wanted = new Map();
  for (const copy of copies) {
    visitFields(base, flavour, lists, copy, ({ kind, to, address, target }) => {
      want(wanted, own, target, fieldTarget(kind, address, flavour.view.getUint32(to, true)));
    });
  }
  const corrections = chooseCorrections(wanted);
  return { map: correctMap(own, corrections), corrections };
}

/** Aligns with address fields as tokens: of nothing but their kind at first, of targets with a map. */
function alignOnce(
  { image: base, kinds: baseKinds, made: baseMade }: Prepared,
  { image: flavour, kinds: flavourKinds, made }: Prepared,
  map: AddressMap | null,
  hints: readonly Copy[],
  signal: AbortSignal | undefined,
): Copy[] {
  const mapped = new Uint32Array(base.bytes.length);
  const from = tokensOf(base, baseKinds, (at, target) => {
    mapped[at] = map ? mapAddress(map, target) : 0;
    return map ? mapped[at] : null;
  });
  const to = tokensOf(flavour, flavourKinds, (_, target) => (map ? target : null));
  const cover = new Uint8Array(base.elfEnd);
  if (map) markFields(cover, baseKinds);
  for (const { offset, size } of baseMade) cover.fill(excluded, offset, offset + size);
  const alignBase: AlignBase = {
    bytes: map ? base.bytes.subarray(0, base.elfEnd) : from,
    tokens: from,
    cover,
    kinds: baseKinds,
    mapped,
  };
  const alignFlavour: AlignFlavour = {
    bytes: map ? flavour.bytes.subarray(0, flavour.elfEnd) : to,
    tokens: to,
    loaded: flavour.loaded,
    free: made,
  };
  const copies = align(alignBase, alignFlavour, { hints, signal });
  const cut = cutAtLoadedRanges(copies, base, flavour);
  return fewEnough(copiesWithinReach(cut, flavour.bytes.length));
}

function markFields(cover: Uint8Array, kinds: Uint8Array): void {
  for (let at = 0; at + 4 <= cover.length; at++) {
    if (kinds[at] === 0) continue;
    cover[at] = fieldStart;
    cover.fill(insideField, at + 1, at + 4);
  }
}

/** The ELF's bytes with a token in each address field; `tokenOf` gives null where only its being one counts. */
function tokensOf(
  image: KernelImage,
  kinds: Uint8Array,
  tokenOf: (at: number, target: number) => number | null,
): Uint8Array {
  const tokens = image.bytes.slice(0, image.elfEnd);
  const view = new DataView(tokens.buffer);
  let range = image.loaded[0];
  for (let at = 0; at + 4 <= tokens.length; at++) {
    const kind = kinds[at]!;
    if (kind === 0 || at + fieldWidth(kind) > tokens.length) continue;
    if (!range || at < range.offset || at >= range.offset + range.size) {
      range = loadedAt(image.loaded, at);
    }
    const address = range ? (range.address + at - range.offset) >>> 0 : 0;
    const token = tokenOf(at, fieldTarget(kind, address, image.view.getUint32(at, true)));
    view.setUint32(at, token === null ? 0 : mix(token), true);
    if (kind === absolute64) at += 4;
    at += 3;
  }
  return tokens;
}

/** Spreads an address over its token, never 0. */
function mix(address: number): number {
  const hash = Math.imul(address ^ (address >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) | 1) >>> 0;
}

interface Prediction {
  base: KernelImage;
  flavour: KernelImage;
  lists: FieldLists;
  copies: readonly Copy[];
  map: AddressMap;
  out: Uint8Array;
  made: readonly FileRange[];
}

function findFixes({ base, flavour, lists, copies, map, out, made }: Prediction): Fix[] {
  const fixes: Fix[] = [];
  let right = 0;
  copyAndPredict(base, out, flavour, lists, copies, map, ({ kind, to, address }, mapped) => {
    const actual = fieldTarget(kind, address, flavour.view.getUint32(to, true));
    const amount = (actual - mapped) | 0;
    // What is further away is no address; the bytes stage mends it. What another stage makes may
    // be anything here.
    if (amount === 0 || Math.abs(amount) >= farthest || isWithinRanges(made, to)) {
      right++;
      return 0;
    }
    fixes.push({ right, kind, amount });
    right = 0;
    return amount;
  });
  return fixes;
}

const isWithinRanges = (ranges: readonly FileRange[], at: number): boolean =>
  ranges.some(({ offset, size }) => at >= offset && at < offset + size);

/** @returns how many code tables there are */
function encodeOrc(
  coder: RangeEncoder,
  stream: BitWriter,
  base: KernelImage,
  flavour: KernelImage,
  copies: readonly Copy[],
): number {
  if (!base.orc || !flavour.orc) return 0;
  const rows = orcRows(base, base.orc, addressOf(base, base.orc.ip)!);
  const wanted = orcRows(flavour, flavour.orc, addressOf(flavour, flavour.orc.ip)!);
  const carried = carry(base, flavour, copies, rows);
  return writeRows(coder, stream, [{ carried, wanted }], 6, firstAddress(flavour));
}

function encodeRelocations(
  coder: RangeEncoder,
  stream: BitWriter,
  base: KernelImage,
  flavour: KernelImage,
  copies: readonly Copy[],
): void {
  const tables = relocationKinds.map((kind) => ({
    carried: carry(base, flavour, copies, relocationRows(base, base.relocations[kind])),
    wanted: relocationRows(flavour, flavour.relocations[kind]),
  }));
  writeRows(coder, stream, tables, 0, firstAddress(flavour));
}
