import { crc32, deflateRawSync } from 'node:zlib';

/**
 * Writes a ZIP archive (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16) with
 * a fixed date, so that the same content gives the same bytes. For parts of a
 * few megabytes: no ZIP64.
 */

export interface ZipPart {
  path: string;
  bytes: Uint8Array;
  /** ODF wants its `mimetype` first and stored as it is. */
  stored?: boolean;
}

/** 1980-01-01, the first day a DOS date can name. */
const dosDate = 0x0021;
const dosTime = 0;
const versionNeeded = 20;
const deflate = 8;

export function zip(parts: readonly ZipPart[]): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const data = part.stored === true ? Buffer.from(part.bytes) : deflateRawSync(part.bytes);
    const name = Buffer.from(part.path);
    const common = fields(part, data.length, name.length);
    const header = Buffer.concat([signature(0x04034b50), common, name]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    local.push(header, data);
    central.push(signature(0x02014b50), word(versionNeeded), common, entry, name);
    offset += header.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, signature(0x06054b50), end]);
}

/** The 26 bytes that a local header and a central entry have in common. */
function fields(part: ZipPart, compressed: number, nameLength: number): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeUInt16LE(versionNeeded, 0);
  bytes.writeUInt16LE(part.stored === true ? 0 : deflate, 4);
  bytes.writeUInt16LE(dosTime, 6);
  bytes.writeUInt16LE(dosDate, 8);
  bytes.writeUInt32LE(crc32(part.bytes), 10);
  bytes.writeUInt32LE(compressed, 14);
  bytes.writeUInt32LE(part.bytes.length, 18);
  bytes.writeUInt16LE(nameLength, 22);
  return bytes;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
