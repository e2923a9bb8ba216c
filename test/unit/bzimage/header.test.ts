import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  crcMatches,
  flagNames,
  headerFields,
  loadflags,
  payloadBytes,
  readBzImage,
  readPe,
  sealImage,
  setHeaderField,
  writeCrc,
  xloadflags,
} from '../../../engine/bzimage/index.js';
import { buildBzImage, gzipPayload } from '../../support/bzimage-builder.js';

const payload = gzipPayload(Buffer.from('a kernel'));

describe('the table of fields', () => {
  it('has no gaps but those of the format, no overlaps, and 39 fields', () => {
    let end = 0x1f1;
    for (const { offset, size } of headerFields) {
      expect(offset).toBe(end);
      end = offset + size;
    }
    expect(end).toBe(0x26c);
    expect(headerFields).toHaveLength(39);
  });
});

describe('readBzImage', () => {
  it('reads fields by name and locates the parts', () => {
    const image = readBzImage(buildBzImage({ payload }));
    expect(image).toMatchObject({ protocol: 0x020f, kind: 'bzImage', width: 64, setupSize: 4096 });
    expect(image.kernelVersion).toBe('6.1.0 (a@b) #1 SMP');
    expect(image.fields).toMatchObject({ boot_flag: 0xaa55, pref_address: 0x1000000n });
    expect(image.protectedMode.offset + image.protectedMode.size).toBe(image.bytes.length);
    expect(Buffer.from(payloadBytes(image))).toEqual(payload);
    expect(crcMatches(image)).toBe(true);
  });

  it('takes setup_sects 0 for 4', () => {
    const image = readBzImage(buildBzImage({ payload, setupSects: 0 }));
    expect(image.setupSize).toBe(5 * 512);
    expect(Buffer.from(payloadBytes(image))).toEqual(payload);
  });

  it('leaves out the fields that the protocol does not have', () => {
    const old = readBzImage(buildBzImage({ payload, protocol: 0x0207 }));
    expect(old.fields.hardware_subarch).toBe(0);
    expect(old.fields.payload_offset).toBeUndefined();
    expect(old.width).toBeNull();
    expect(() => payloadBytes(old)).toThrow(labError('bzimage-no-payload'));
    const older = readBzImage(buildBzImage({ payload, protocol: 0x0203 }));
    expect(older.fields.syssize).toBeUndefined();
    expect(older.protectedMode.size).toBe(older.bytes.length - older.setupSize);
  });

  it('knows a zImage by LOADED_HIGH', () => {
    expect(readBzImage(buildBzImage({ payload, fields: { loadflags: 0 } })).kind).toBe('zImage');
  });

  it('gives no kernel version that would lie outside of the setup code', () => {
    const pointer = (kernel_version: number) =>
      readBzImage(buildBzImage({ payload, fields: { kernel_version } })).kernelVersion;
    expect(pointer(0)).toBeNull();
    expect(pointer(4096 - 0x200)).toBeNull();
    expect(pointer(0xffff)).toBeNull();
  });

  it('notices a wrong checksum', () => {
    const bytes = buildBzImage({ payload });
    bytes[4096 + 70]! ^= 1;
    expect(crcMatches(readBzImage(bytes))).toBe(false);
  });

  const good = buildBzImage({ payload });
  it.each([
    ['an empty file', new Uint8Array(0), 'bzimage-not-bzimage'],
    ['a boot sector alone', good.subarray(0, 512), 'bzimage-not-bzimage'],
    ['no boot flag', buildBzImage({ payload, fields: { boot_flag: 0 } }), 'bzimage-not-bzimage'],
    ['no HdrS', buildBzImage({ payload, fields: { header: 1 } }), 'bzimage-not-bzimage'],
    ['setup code cut short', good.subarray(0, 4000), 'bzimage-truncated'],
    ['one byte missing', good.subarray(0, good.length - 1), 'bzimage-truncated'],
    [
      'a huge syssize',
      buildBzImage({ payload, fields: { syssize: 2 ** 32 - 1 } }),
      'bzimage-truncated',
    ],
    [
      'a payload offset beyond the end',
      buildBzImage({ payload, fields: { payload_offset: 2 ** 32 - 1 } }),
      'bzimage-payload-out-of-file',
    ],
    [
      'a payload length beyond the end',
      buildBzImage({ payload, fields: { payload_length: 2 ** 32 - 1 } }),
      'bzimage-payload-out-of-file',
    ],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => readBzImage(bytes)).toThrow(labError(code));
  });
});

describe('flagNames', () => {
  it('names bits, and numbers those without a name', () => {
    expect(flagNames(loadflags, 0x81)).toEqual(['LOADED_HIGH', 'CAN_USE_HEAP']);
    expect(flagNames(xloadflags, 0x8001)).toEqual(['XLF_KERNEL_64', 'bit 15']);
  });
});

describe('setHeaderField', () => {
  it('writes every field so that it reads back, at both ends of its range', () => {
    for (const { name, size } of headerFields) {
      // These decide how the rest is read.
      if (['boot_flag', 'header', 'version', 'setup_sects', 'syssize'].includes(name)) continue;
      for (const value of [0n, 2n ** BigInt(size * 8) - 1n]) {
        const bytes = buildBzImage({ payload });
        const typed = size === 8 ? value : Number(value);
        // Only the neighbours that bound the payload must stay readable.
        setHeaderField(bytes, name, typed as never);
        const view = new DataView(bytes.buffer);
        const field = headerFields.find((f) => f.name === name)!;
        let read = 0n;
        for (let i = size - 1; i >= 0; i--)
          read = (read << 8n) | BigInt(view.getUint8(field.offset + i));
        expect(read, name).toBe(value);
      }
    }
  });

  it('changes nothing else', () => {
    const before = buildBzImage({ payload });
    const after = new Uint8Array(before);
    setHeaderField(after, 'init_size', 0x12345678);
    const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
    expect(changed).toEqual([0x260, 0x261, 0x262, 0x263]);
  });

  it.each([-1, 2 ** 32, 1.5, NaN, Infinity])('refuses %d in 32 bits', (value) => {
    const bytes = buildBzImage({ payload });
    expect(() => setHeaderField(bytes, 'init_size', value)).toThrow(
      labError('bzimage-field-range'),
    );
  });

  it('refuses fields that the protocol does not have', () => {
    const bytes = buildBzImage({ payload, protocol: 0x0207 });
    expect(() => setHeaderField(bytes, 'payload_offset', 1)).toThrow(
      labError('bzimage-field-missing'),
    );
  });
});

describe('sealImage', () => {
  it.each([0, 1, 11, 12, 13, 16])('pads %i appended bytes, sets syssize and the CRC', (count) => {
    const head = buildBzImage({ payload });
    const file = sealImage([head, new Uint8Array(count).fill(7)], 4096);
    const image = readBzImage(file);
    expect((file.length - 4096) % 16).toBe(0);
    expect(image.fields.syssize! * 16).toBe(file.length - 4096);
    expect(file.length).toBeGreaterThanOrEqual(head.length + count + 4);
    expect(file.length).toBeLessThan(head.length + count + 4 + 16);
    // tools/build.c: without the final inversion the CRC over everything is 0.
    expect(~crc32(file) >>> 0).toBe(0);
  });

  it('rewrites the CRC in place', () => {
    const bytes = buildBzImage({ payload });
    setHeaderField(bytes, 'root_flags', 0);
    writeCrc(bytes);
    expect(crcMatches(readBzImage(bytes))).toBe(true);
  });
});

describe('readPe', () => {
  it('reads the header of an EFI stub, and its signature', () => {
    const signature = new Uint8Array(48);
    const plain = readPe(buildBzImage({ payload, efi: true }))!;
    expect(plain).toMatchObject({ machine: 0x8664, magic: 0x20b, certificates: null });
    expect(plain.sections.map((s) => s.name)).toEqual(['.text']);
    const bytes = buildBzImage({ payload, efi: true, signature });
    const signed = readPe(bytes)!;
    expect(signed.certificates).toEqual({ offset: bytes.length - 48, size: 48 });
  });

  it('answers null where there is none or it is nonsense', () => {
    expect(readPe(buildBzImage({ payload }))).toBeNull();
    const bytes = buildBzImage({ payload, efi: true });
    new DataView(bytes.buffer).setUint32(0x3c, 0xfffffff0, true);
    expect(readPe(bytes)).toBeNull();
  });
});
