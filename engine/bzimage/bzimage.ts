import { crc32 } from 'node:zlib';
import { bzimageErrors } from '../errors/bzimage.js';
import { viewOf } from '../elf/header.js';
import { cString } from '../elf/notes.js';
import type { Bytes, FileOffset } from '../units.js';
import { headerFields, loadflags, xloadflags, type HeaderValues } from './fields.js';

/** A stretch of a file. */
export interface FileRange {
  offset: FileOffset;
  size: Bytes;
}

/** A bzImage or zImage in memory, its header read and its parts located. */
export interface BzImage {
  bytes: Uint8Array;
  /** Boot protocol version: 0x020f is 2.15. */
  protocol: number;
  /** zImage: an old, low-loaded kernel (LOADED_HIGH is clear). */
  kind: 'bzImage' | 'zImage';
  fields: HeaderValues;
  /** Boot sector and setup code: `(setup_sects || 4) + 1` sectors. */
  setupSize: Bytes;
  /**
   * The 32-bit code behind it, as long as `syssize` says; to the end of the
   * file before protocol 2.04, where `syssize` had too few bits.
   */
  protectedMode: FileRange;
  /** The compressed kernel; null before protocol 2.08 or when the header has none. */
  payload: FileRange | null;
  /** `6.1.0 (user@host) #1 SMP ...`, from the setup code. */
  kernelVersion: string | null;
  /** Width of the kernel, where the header tells (protocol 2.12). */
  width: 32 | 64 | null;
}

const sector = 512;
const HdrS = 0x53726448;
const bootFlag = 0xaa55;

/** True when the bytes have a setup header (protocol 2.00 or later). */
export function isBzImage(bytes: Uint8Array): boolean {
  if (bytes.length < 2 * sector) return false;
  const view = viewOf(bytes);
  return view.getUint16(0x1fe, true) === bootFlag && view.getUint32(0x202, true) === HdrS;
}

/**
 * Reads the setup header and locates the parts.
 * @throws bzimage-not-bzimage, bzimage-truncated, bzimage-payload-out-of-file
 */
export function readBzImage(bytes: Uint8Array): BzImage {
  checkMagic(bytes);
  const view = viewOf(bytes);
  const protocol = view.getUint16(0x206, true);
  const fields = readFields(view, protocol);
  // boot.rst: "For backwards compatibility, if the setup_sects field contains 0, the real value is 4."
  const setupSize = ((fields.setup_sects || 4) + 1) * sector;
  if (bytes.length < setupSize) {
    throw bzimageErrors.truncated({
      what: 'the setup code',
      needed: setupSize,
      fileSize: bytes.length,
    });
  }
  const protectedMode = locateProtectedMode(bytes.length, setupSize, fields.syssize);
  return {
    bytes,
    protocol,
    kind: fields.loadflags! & loadflags.LOADED_HIGH ? 'bzImage' : 'zImage',
    fields,
    setupSize,
    protectedMode,
    payload: locatePayload(bytes.length, setupSize, fields),
    kernelVersion: readKernelVersion(bytes, setupSize, fields.kernel_version!),
    width:
      fields.xloadflags === undefined
        ? null
        : fields.xloadflags & xloadflags.XLF_KERNEL_64
          ? 64
          : 32,
  };
}

function checkMagic(bytes: Uint8Array): void {
  if (bytes.length < 2 * sector) {
    const why = `it has ${bytes.length} bytes, too few for a boot sector and a header`;
    throw bzimageErrors.notBzImage({ why, offset: bytes.length });
  }
  if (viewOf(bytes).getUint16(0x1fe, true) !== bootFlag) {
    throw bzimageErrors.notBzImage({ why: 'no boot flag 55 aa', offset: 0x1fe });
  }
  if (!isBzImage(bytes)) {
    throw bzimageErrors.notBzImage({ why: 'no "HdrS" in the setup header', offset: 0x202 });
  }
}

function readFields(view: DataView, protocol: number): HeaderValues {
  // A version below 2.00 cannot have the magic that was just seen; it counts as 2.00.
  const version = Math.max(protocol, 0x0200);
  const values: Record<string, number | bigint> = {};
  for (const { name, offset, size, since } of headerFields) {
    if (since > version) continue;
    if (size === 8) values[name] = view.getBigUint64(offset, true);
    else if (size === 4) values[name] = view.getUint32(offset, true);
    else values[name] = size === 2 ? view.getUint16(offset, true) : view.getUint8(offset);
  }
  return values;
}

function locateProtectedMode(fileSize: Bytes, offset: FileOffset, syssize?: number): FileRange {
  const size = syssize === undefined ? fileSize - offset : syssize * 16;
  if (offset + size > fileSize) {
    throw bzimageErrors.truncated({
      what: 'the protected-mode code',
      needed: offset + size,
      fileSize,
    });
  }
  return { offset, size };
}

function locatePayload(fileSize: Bytes, setupSize: Bytes, fields: HeaderValues): FileRange | null {
  const { payload_offset: start = 0, payload_length: size = 0 } = fields;
  if (size === 0) return null;
  const offset = setupSize + start;
  if (offset + size > fileSize) {
    throw bzimageErrors.payloadOutOfFile({ offset, size, fileSize });
  }
  return { offset, size };
}

/** The string at `kernel_version` + 0x200, which must lie inside of the setup code. */
function readKernelVersion(bytes: Uint8Array, setupSize: Bytes, pointer: number): string | null {
  if (pointer === 0 || pointer + 0x200 >= setupSize) return null;
  return cString(bytes.subarray(pointer + 0x200, setupSize)) || null;
}

/** The payload's bytes. @throws bzimage-no-payload */
export function payloadBytes(image: BzImage): Uint8Array {
  if (!image.payload) {
    const why =
      image.protocol < 0x0208
        ? 'the boot protocol is older than payload_offset'
        : 'payload_length is 0';
    throw bzimageErrors.noPayload({ why });
  }
  const { offset, size } = image.payload;
  return image.bytes.subarray(offset, offset + size);
}

/** Size of the checksum that ends every bzImage since Linux 2.6.23. */
export const crcSize: Bytes = 4;

/**
 * Checks the CRC-32 at the end of the protected-mode code. tools/build.c stores
 * it without the final inversion, so that the CRC over everything comes out as
 * 0xffffffff in zlib's convention. Signing an image changes its header and
 * leaves the CRC wrong; no loader looks at it.
 */
export function crcMatches(image: BzImage): boolean {
  const end = image.protectedMode.offset + image.protectedMode.size;
  return crc32(image.bytes.subarray(0, end)) === 0xffffffff;
}
