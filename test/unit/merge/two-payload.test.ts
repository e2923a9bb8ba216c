import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  crcMatches,
  describeImage,
  extractVmlinux,
  readBzImage,
  readDirectory,
  readPe,
  setHeaderField,
  writeCrc,
} from '../../../engine/bzimage/index.js';
import { mergeTwoPayloads, verifyMultiImage } from '../../../engine/merge/index.js';
import {
  buildBzImage,
  gzipPayload,
  withSize,
  xzStream,
  type BuildBzImage,
} from '../../support/bzimage-builder.js';
import { buildKernelElf, linuxXenNotes } from '../../support/elf-builder.js';

const nativeElf = buildKernelElf({ banner: 'Linux version 6.1.0 (native) #1\n' });
const xenElf = buildKernelElf({
  banner: 'Linux version 6.1.0 (xen) #1\n',
  notes: linuxXenNotes(),
});
const xenPayload = gzipPayload(xenElf);
const nativeImage = (options: Partial<BuildBzImage> = {}): Uint8Array =>
  buildBzImage({ payload: gzipPayload(nativeElf), ...options });
const xenImage = (options: Partial<BuildBzImage> = {}): Uint8Array =>
  buildBzImage({ payload: xenPayload, ...options });
const merge = (bare = nativeImage(), xen = xenImage(), labels = ['native', 'xen']) =>
  mergeTwoPayloads({ label: labels[0]!, bytes: bare }, { label: labels[1]!, bytes: xen });

describe('mergeTwoPayloads', () => {
  it('points the header at the Xen payload, 16-byte aligned and unchanged', async () => {
    const image = readBzImage((await merge()).bytes);
    const { offset, size } = image.payload!;
    expect(offset % 16).toBe(0);
    expect(Buffer.from(image.bytes.subarray(offset, offset + size))).toEqual(xenPayload);
    expect(Buffer.from((await extractVmlinux(image)).bytes).equals(xenElf)).toBe(true);
  });

  it('changes of the native image only syssize, payload_offset and payload_length', async () => {
    const native = nativeImage();
    const { bytes, signatureRemoved } = await merge(native);
    const changed = [...native.keys()].filter((i) => bytes[i] !== native[i]);
    const allowed = [0x1f4, 0x248, 0x24c].flatMap((at) => [at, at + 1, at + 2, at + 3]);
    expect(changed.filter((i) => !allowed.includes(i))).toEqual([]);
    expect(changed.length).toBeGreaterThan(0);
    expect(signatureRemoved).toBe(false);
  });

  it('sets syssize to the whole file and ends in a correct CRC', async () => {
    const { bytes } = await merge();
    const image = readBzImage(bytes);
    expect(image.protectedMode.offset + image.protectedMode.size).toBe(bytes.length);
    expect(crcMatches(image)).toBe(true);
  });

  it('leaves its inputs alone, Buffers too', async () => {
    const native = Buffer.from(nativeImage());
    const xen = Buffer.from(xenImage());
    const before = [Buffer.from(native), Buffer.from(xen)];
    const { bytes } = await merge(native, xen);
    verifyMultiImage(Buffer.from(bytes));
    expect(native.equals(before[0]!)).toBe(true);
    expect(xen.equals(before[1]!)).toBe(true);
  });

  it('is deterministic', async () => {
    const [first, second] = [await merge(), await merge()];
    expect(Buffer.from(first.bytes).equals(second.bytes)).toBe(true);
  });

  it('takes payloads of different codecs', async () => {
    const xz = withSize(await xzStream(xenElf), xenElf.length);
    const { bytes } = await merge(nativeImage(), xenImage({ payload: xz }));
    expect((await describeImage(bytes)).payload?.codec).toBe('xz');
  });

  it('raises init_size only when the file would not fit it', async () => {
    const roomy = readBzImage((await merge()).bytes);
    expect(roomy.fields.init_size).toBe(0x2000000);
    const native = nativeImage({ fields: { init_size: 4096 } });
    const { bytes } = await merge(native);
    const tight = readBzImage(bytes);
    expect(tight.fields.init_size! % 4096).toBe(0);
    expect(tight.fields.init_size).toBeGreaterThanOrEqual(bytes.length - tight.setupSize);
    expect(Buffer.from(verifyMultiImage(bytes)[0]!.bytes).equals(native)).toBe(true);
  });

  it('works with the oldest protocol that has payload_offset', async () => {
    const old = { protocol: 0x0208 };
    const { bytes } = await merge(nativeImage(old), xenImage(old));
    expect(verifyMultiImage(bytes).map((part) => part.role)).toEqual(['bare', 'xen']);
  });

  it('keeps the PE header of an EFI stub, and takes a signature off', async () => {
    const signed = nativeImage({ efi: true, signature: new Uint8Array(64).fill(0x30) });
    const { bytes, signatureRemoved } = await merge(signed);
    expect(signatureRemoved).toBe(true);
    const pe = readPe(bytes)!;
    expect(pe.certificates).toBeNull();
    expect({ ...pe, certificates: null }).toEqual({ ...readPe(signed)!, certificates: null });
    const unsigned = nativeImage({ efi: true });
    expect(Buffer.from(verifyMultiImage(bytes)[0]!.bytes).equals(unsigned)).toBe(true);
  });

  it.each([
    [
      'a native kernel in the place of the Xen one',
      nativeImage(),
      nativeImage(),
      'merge-no-xen-notes',
    ],
    ['an old Xen image', nativeImage(), xenImage({ protocol: 0x0207 }), 'merge-protocol-too-old'],
    [
      'an old native image',
      nativeImage({ protocol: 0x0207 }),
      xenImage(),
      'merge-protocol-too-old',
    ],
    ['a vmlinux', nativeElf, xenImage(), 'bzimage-not-bzimage'],
    [
      '32 and 64 bits',
      nativeImage({ fields: { xloadflags: 0 } }),
      xenImage(),
      'merge-width-mismatch',
    ],
    [
      'an LZO payload',
      nativeImage(),
      xenImage({ payload: Buffer.from('\x89LZO1234', 'latin1') }),
      'payload-lzo',
    ],
  ])('refuses %s', async (_, bare, xen, code) => {
    await expect(merge(bare, xen)).rejects.toThrow(labError(code));
  });

  it('says which of the two images is wrong', async () => {
    await expect(merge(nativeElf, xenImage())).rejects.toThrow(
      labError('bzimage-not-bzimage', { place: { file: 'native', offset: nativeElf.length } }),
    );
  });

  it('refuses a PVH-only kernel, which has no PV entry', async () => {
    const pvh = buildKernelElf({ notes: linuxXenNotes({ 1: null }) });
    await expect(merge(nativeImage(), xenImage({ payload: gzipPayload(pvh) }))).rejects.toThrow(
      labError('merge-no-xen-notes'),
    );
  });

  it('refuses a multi-image on either side', async () => {
    const { bytes } = await merge();
    await expect(merge(bytes, xenImage())).rejects.toThrow(labError('merge-already-multi'));
    await expect(merge(nativeImage(), bytes)).rejects.toThrow(labError('merge-already-multi'));
  });

  it.each([
    ['', 'xen'],
    ['a-label-that-is-too-long', 'xen'],
    ['two words', 'xen'],
    ['=1+1', 'xen'],
    ['same', 'same'],
  ])('refuses the labels "%s" and "%s"', async (...labels) => {
    await expect(merge(nativeImage(), xenImage(), labels)).rejects.toThrow(
      labError('merge-bad-label'),
    );
  });
});

describe('verifyMultiImage', () => {
  it('gives back the native image and the Xen payload, byte for byte', async () => {
    const native = nativeImage();
    const parts = verifyMultiImage((await merge(native)).bytes);
    expect(parts.map(({ label, role }) => [label, role])).toEqual([
      ['native', 'bare'],
      ['xen', 'xen'],
    ]);
    expect(Buffer.from(parts[0]!.bytes).equals(native)).toBe(true);
    expect(Buffer.from(parts[1]!.bytes)).toEqual(xenPayload);
  });

  it('notices any changed byte of a part', async () => {
    const { bytes } = await merge();
    const image = readBzImage(bytes);
    for (const at of [image.setupSize + 3, image.payload!.offset + 20]) {
      const broken = new Uint8Array(bytes);
      broken[at]! ^= 1;
      expect(() => verifyMultiImage(broken)).toThrow(labError('merge-part-damaged'));
    }
  });

  it('notices any changed byte of the directory', async () => {
    const { bytes } = await merge();
    const { payload } = readBzImage(bytes);
    const start = Math.ceil((payload!.offset + payload!.size) / 16) * 16;
    const size = 32 + 2 * 96;
    for (let at = start; at < start + size; at++) {
      const broken = new Uint8Array(bytes);
      broken[at]! ^= 1;
      expect(() => verifyMultiImage(broken)).toThrow(
        labError(at < start + 8 ? 'merge-not-multi' : 'merge-directory-malformed'),
      );
    }
  });

  it('notices a header that points elsewhere, and an ordinary image', async () => {
    expect(() => verifyMultiImage(nativeImage())).toThrow(labError('merge-not-multi'));
    const { bytes } = await merge();
    setHeaderField(bytes, 'payload_length', xenPayload.length - 16);
    writeCrc(bytes);
    expect(() => verifyMultiImage(bytes)).toThrow(labError('merge-not-multi'));
  });
});

describe('a multi-image', () => {
  it('is described with both of its kernels', async () => {
    const { bytes, directory } = await merge();
    expect(readDirectory(readBzImage(bytes))).toEqual(directory);
    const d = await describeImage(bytes);
    expect(d.kernel?.banner).toBe('Linux version 6.1.0 (xen) #1');
    expect(d.multiImage?.parts).toMatchObject([
      { label: 'native', role: 'bare', intact: true },
      { label: 'xen', role: 'xen', intact: true },
    ]);
    expect(d.multiImage?.parts.map((part) => part.kernel?.banner)).toEqual([
      'Linux version 6.1.0 (native) #1',
      'Linux version 6.1.0 (xen) #1',
    ]);
    expect(d.bootsAs.map((verdict) => verdict.boots)).toEqual([true, true, true, true, true]);
    expect(d.bootsAs[0]?.reason).toContain('part native');
  });
});
