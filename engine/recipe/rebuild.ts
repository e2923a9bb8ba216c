import { viewOf } from '../elf/header.js';
import { recipeErrors } from '../errors/recipe.js';
import type { Bytes } from '../units.js';
import { correctMap, mapAddress, mapOfCopies } from './address-map.js';
import { BitReader } from './bit-stream.js';
import { readBytes } from './bytes-stage.js';
import { readCopies } from './copies-stage.js';
import type { Copy } from './copies.js';
import { listedAddresses } from './fields.js';
import { readFixes } from './fixes-stage.js';
import {
  addressOf,
  firstAddress,
  plainBytes,
  type FileRange,
  type KernelImage,
  type RelocationLists,
} from './image.js';
import { decodeKallsyms } from './kallsyms/index.js';
import { checkLayout, codeLayout, type Layout } from './layout.js';
import { copyAndPredict, type FieldLists } from './predict.js';
import { bitModel, RangeDecoder } from './range-coder.js';
import { readRows } from './rows-stage.js';
import { codeCorrections, codeDataFields } from './stages.js';
import { carry, orcRows, writeOrcRows, type Row } from './tables.js';

/**
 * Rebuilds a flavour's payload from the base's and a recipe.
 * engine/native/multi/recipe.c does the same at boot; docs/multi-image.md has
 * the format. The result is right only if its checksum is.
 * @throws recipe-malformed
 */
export function rebuild(recipe: Uint8Array, given: Uint8Array, size: Bytes): Uint8Array {
  const baseBytes = plainBytes(given);
  const { coder, stream, layout, data, copies } = readStart(recipe, baseBytes.length, size);
  const base = imageOf(layout, baseBytes);
  const { flavour } = layout;
  const map = correctMap(mapOfCopies(base, flavour, copies), codeCorrections(coder));
  const out = new Uint8Array(size);
  const fix = readFixes(coder, stream);
  const lists: FieldLists = {
    targets: { branches: branchesOf(base), operands: layout.operands },
    absolute64: listedAddresses(base, base.relocations.abs64),
    absolute32: listedAddresses(base, base.relocations.abs32),
    data,
  };
  copyAndPredict(base, out, flavour, lists, copies, map, fix);
  if (coder.bit(bitModel(), 0) === 1) {
    decodeKallsyms(coder, baseBytes, out, (address) => mapAddress(map, address));
  }
  decodeOrc(coder, stream, layout, base, copies, out);
  decodeRelocations(coder, stream, layout, base, copies, out);
  readBytes(coder, stream, out, copies, flavour.elfEnd);
  if (coder.overrun || stream.overrun) throw recipeErrors.malformed({ why: 'it ends too early' });
  return out;
}

/** The stages of a recipe that say what is copied from where. */
export interface RecipeStart {
  /** Both streams, behind these stages. */
  coder: RangeDecoder;
  stream: BitReader;
  layout: Layout;
  data: Uint32Array;
  copies: Copy[];
}

/** @throws recipe-malformed */
export function readStart(recipe: Uint8Array, baseSize: Bytes, size: Bytes): RecipeStart {
  const coded = recipe.length >= 4 ? viewOf(recipe).getUint32(0, true) : Infinity;
  if (coded > recipe.length - 4) throw recipeErrors.malformed({ why: 'it is too short' });
  const coder = new RangeDecoder(recipe.subarray(4, 4 + coded));
  const stream = new BitReader(recipe.subarray(4 + coded));
  const layout = codeLayout(coder);
  checkLayout(layout, baseSize, size);
  const data = codeDataFields(coder, baseSize);
  const copies = readCopies(coder, stream, baseSize, layout.flavour.elfEnd);
  return { coder, stream, layout, data, copies };
}

/** The base as its layout describes it. */
function imageOf({ base, code }: Layout, bytes: Uint8Array): KernelImage {
  return { ...base, bytes, view: viewOf(bytes), code };
}

export const branchesOf = (base: KernelImage): { start: number; size: number }[] =>
  base.code.map(({ offset, size }) => ({ start: addressOf(base, offset)!, size }));

export const noPayload = new Uint8Array(0);

export function relocationRows(image: KernelImage, { offset, size }: FileRange): Row[] {
  return Array.from({ length: size / 4 }, (_, i) => ({
    address: image.view.getUint32(offset + 4 * i, true),
    payload: noPayload,
  }));
}

export const relocationKinds: readonly (keyof RelocationLists)[] = ['abs64', 'inverse32', 'abs32'];

function decodeOrc(
  coder: RangeDecoder,
  stream: BitReader,
  { flavour }: Layout,
  base: KernelImage,
  copies: readonly Copy[],
  out: Uint8Array,
): void {
  if (!flavour.orc || !base.orc) return;
  const from = addressOf(base, base.orc.ip);
  const to = addressOf(flavour, flavour.orc.ip);
  if (from === undefined || to === undefined) {
    throw recipeErrors.malformed({ why: 'an ORC table that is not loaded' });
  }
  const carried = carry(base, flavour, copies, orcRows(base, base.orc, from));
  const table = { carried, count: flavour.orc.count };
  const [rows] = readRows(coder, stream, [table], 6, firstAddress(flavour));
  writeOrcRows(out, flavour.orc, to, rows!);
}

function decodeRelocations(
  coder: RangeDecoder,
  stream: BitReader,
  { flavour }: Layout,
  base: KernelImage,
  copies: readonly Copy[],
  out: Uint8Array,
): void {
  const view = viewOf(out);
  const tables = relocationKinds.map((kind) => ({
    carried: carry(base, flavour, copies, relocationRows(base, base.relocations[kind])),
    count: flavour.relocations[kind].size / 4,
  }));
  readRows(coder, stream, tables, 0, firstAddress(flavour)).forEach((rows, i) => {
    const { offset } = flavour.relocations[relocationKinds[i]!];
    rows.forEach(({ address }, row) => view.setUint32(offset + 4 * row, address, true));
  });
}
