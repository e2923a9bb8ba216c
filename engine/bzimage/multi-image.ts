import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { viewOf } from '../elf/header.js';
import { cString } from '../elf/notes.js';
import { mergeErrors } from '../errors/merge.js';
import type { Bytes, Sha256 } from '../units.js';
import type { BzImage, FileRange } from './bzimage.js';
import { alignParagraph, copyOf, setHeaderField } from './write.js';

/**
 * The directory of a two-payload multi-image, which says what the file was made
 * of. No loader reads it. It stands behind the payload that the setup header
 * points at, at the next multiple of 16 bytes. docs/multi-image.md has the
 * format byte by byte.
 */
export interface Directory {
  version: number;
  parts: Part[];
}

/** One image that went into the file. */
export interface Part {
  /** The flavour's name. */
  label: string;
  /**
   * `bare`: the bzImage the file begins with; its setup header was rewritten.
   * `xen`: the payload that the setup header points at.
   */
  role: PartRole;
  range: FileRange;
  sha256: Sha256;
  /** For `bare`: the header fields that were rewritten, as they stood in the original. */
  original: OriginalFields;
}

export type PartRole = 'bare' | 'xen';

/** The setup-header fields that merging rewrites. */
const rewrittenFields = ['syssize', 'payload_offset', 'payload_length', 'init_size'] as const;
export type OriginalFields = Record<(typeof rewrittenFields)[number], number>;

const magic = Buffer.from('KBLMULTI');
const version = 0;
const headSize: Bytes = 32;
const rowSize: Bytes = 96;
const roles: readonly (PartRole | undefined)[] = [undefined, 'bare', 'xen'];
/** More parts than this nobody merges. */
const mostParts = 16;

export const noOriginalFields: OriginalFields = {
  syssize: 0,
  payload_offset: 0,
  payload_length: 0,
  init_size: 0,
};

/** 1 to 15 printable characters without blanks, so that labels can be typed and printed. */
export function isPartLabel(label: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(label);
}

/** The directory's bytes. */
export function encodeDirectory(parts: readonly Part[]): Uint8Array {
  const bytes = new Uint8Array(headSize + parts.length * rowSize);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint16(8, version, true);
  view.setUint16(10, parts.length, true);
  view.setUint32(12, bytes.length, true);
  parts.forEach((part, i) => encodePart(bytes, view, headSize + i * rowSize, part));
  view.setUint32(16, crc32(bytes), true);
  return bytes;
}

function encodePart(bytes: Uint8Array, view: DataView, at: number, part: Part): void {
  const { label, role, range, sha256, original } = part;
  bytes.set(Buffer.from(label), at);
  view.setUint32(at + 16, roles.indexOf(role), true);
  view.setUint32(at + 20, range.offset, true);
  view.setUint32(at + 24, range.size, true);
  view.setUint32(at + 28, original.syssize, true);
  view.setUint32(at + 32, original.payload_offset, true);
  view.setUint32(at + 36, original.payload_length, true);
  view.setUint32(at + 40, original.init_size, true);
  bytes.set(Buffer.from(sha256, 'hex'), at + 64);
}

/**
 * The directory of an image; null when it has none, so is no multi-image.
 * @throws merge-directory-malformed
 */
export function readDirectory(image: BzImage): Directory | null {
  if (!image.payload) return null;
  const start = alignParagraph(image.payload.offset + image.payload.size);
  const head = image.bytes.subarray(start, start + headSize);
  if (head.length < headSize || !magic.equals(head.subarray(0, magic.length))) return null;
  const place = { offset: start };
  const view = viewOf(head);
  if (view.getUint16(8, true) !== version) {
    const why = `its version is ${view.getUint16(8, true)}, this lab knows ${version}`;
    throw mergeErrors.directory({ why, place });
  }
  const count = view.getUint16(10, true);
  const size = headSize + count * rowSize;
  const bytes = copyOf(image.bytes, start, size);
  if (count > mostParts || view.getUint32(12, true) !== size || bytes.length < size) {
    throw mergeErrors.directory({ why: `${count} parts do not fit its size`, place });
  }
  viewOf(bytes).setUint32(16, 0, true);
  if (crc32(bytes) !== view.getUint32(16, true)) {
    throw mergeErrors.directory({ why: 'its checksum is wrong', place });
  }
  const parts = Array.from({ length: count }, (_, i) => {
    const row = bytes.subarray(headSize + i * rowSize, headSize + (i + 1) * rowSize);
    return decodePart(row, image, start + headSize + i * rowSize);
  });
  return { version, parts };
}

function decodePart(row: Uint8Array, image: BzImage, offset: number): Part {
  const view = viewOf(row);
  const label = cString(row.subarray(0, 16));
  const role = roles[view.getUint32(16, true)];
  const range = { offset: view.getUint32(20, true), size: view.getUint32(24, true) };
  const place = { offset };
  if (!isPartLabel(label)) throw mergeErrors.directory({ why: 'a label is not printable', place });
  if (!role) throw mergeErrors.directory({ why: `part ${label} has no known role`, place });
  if (range.offset + range.size > image.bytes.length) {
    throw mergeErrors.directory({ why: `part ${label} lies outside of the file`, place });
  }
  if (role === 'bare' && (range.offset !== 0 || range.size < image.setupSize)) {
    throw mergeErrors.directory({ why: `part ${label} does not begin the file`, place });
  }
  return {
    label,
    role,
    range,
    sha256: Buffer.from(row.subarray(64, 96)).toString('hex'),
    original: {
      syssize: view.getUint32(28, true),
      payload_offset: view.getUint32(32, true),
      payload_length: view.getUint32(36, true),
      init_size: view.getUint32(40, true),
    },
  };
}

/**
 * The bytes of a part as they were before merging: for `bare` the whole
 * original bzImage, for `xen` the compressed payload.
 */
export function partBytes(image: BzImage, part: Part): Uint8Array {
  const { offset, size } = part.range;
  if (part.role !== 'bare') return image.bytes.subarray(offset, offset + size);
  const bytes = copyOf(image.bytes, offset, size);
  for (const name of rewrittenFields) {
    // Protocols before 2.10 have no init_size; nothing was rewritten there.
    if (image.fields[name] === undefined) continue;
    setHeaderField(bytes, name, part.original[name]);
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex');
}
