import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeDirectory, readDirectory, type Flavour } from '../../../engine/bzimage/directory.js';
import {
  crcMatches,
  payloadBytes,
  readBzImage,
  readPe,
  xloadflags,
  type BzImage,
} from '../../../engine/bzimage/index.js';
import { linkStub } from '../../../engine/merge/stub.js';
import type { StubBinary } from '../../../engine/merge/stub/binary.js';
import { writeStubFile } from '../../../engine/merge/stub/file.js';
import { encodeLayout, layoutSize, type StubLayout } from '../../../engine/merge/stub/layout.js';
import { xzDictionary } from '../../../engine/merge/stub/xz-dictionary.js';
import { projectPath } from '../../../engine/paths.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { buildBzImage, gzipPayload, xzStream } from '../../support/bzimage-builder.js';
import { labError } from '../../support/lab-error.js';

const megabyte = 2 ** 20;
const payload = gzipPayload(Buffer.from('the base'));
const binary: StubBinary = {
  head: new Uint8Array(0x333).fill(0xcc),
  layoutAt: 0x280,
  kernelInfoAt: 0x240,
  setupTypeMaxAt: 0x24c,
  body: new Uint8Array(777).fill(0xbb),
  bodyMemory: 100_000,
};

function flavour(name: string, changes: Partial<Flavour> = {}): Flavour {
  return {
    ...{ name, imageSize: 5 * megabyte, tailSize: 0, memorySize: 6 * megabyte, workSize: 0 },
    ...{ distance: 0, checksum: 1n, loadAddress: 0x1000000n, initSize: 7 * megabyte },
    ...{ original: '00'.repeat(32), recipe: new Uint8Array(0) },
    ...changes,
  };
}

const base = flavour('xen');
const native = flavour('native', { recipe: Buffer.from('recipe'), workSize: 3 * megabyte });
const directoryOf = (flavours: Flavour[]): Uint8Array =>
  encodeDirectory({ carrier: 'stub', flavours, base: 0, fallback: 1, rules: [] });

const fields = { kernel_alignment: 0x200000, relocatable_kernel: 1, cmdline_size: 2047 };
const bzImage = (changes: Record<string, number> = {}, protocol = 0x020f): BzImage =>
  readBzImage(buildBzImage({ payload, efi: true, protocol, fields: { ...fields, ...changes } }));

function write(images = [bzImage(), bzImage()], flavours = [base, native]): BzImage {
  const directory = directoryOf(flavours);
  return readBzImage(writeStubFile({ images, payload, codec: 'gzip', directory }, binary));
}

/** The words that the stub gets to know, by name. */
function layoutOf({ bytes, setupSize }: BzImage): (word: keyof StubLayout) => number {
  const names = layoutNames();
  const view = new DataView(bytes.buffer, setupSize + binary.layoutAt);
  return (word) => view.getUint32(4 * names.indexOf(word), true);
}

/** The members of struct stub_layout, as the stub's own header has them. */
function layoutNames(): string[] {
  const header = readFileSync(projectPath('engine', 'native', 'multi', 'stub', 'layout.h'), 'utf8');
  return [...header.matchAll(/^\tu32 (\w+);/gm)].map(([, name]) =>
    name!.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
}

describe('a file with the boot stub', () => {
  it('has its parts where header, stub and directory say', () => {
    const image = write();
    const layout = layoutOf(image);
    const part = (offset: number, size: number): Buffer =>
      Buffer.from(image.bytes.subarray(image.setupSize + offset, image.setupSize + offset + size));
    expect(Buffer.from(payloadBytes(image)).equals(payload)).toBe(true);
    expect(image.payload!.offset % 16).toBe(0);
    expect(part(layout('payloadOffset'), layout('payloadSize')).equals(payload)).toBe(true);
    expect(part(layout('bodyOffset'), layout('bodySize')).equals(binary.body)).toBe(true);
    const directory = part(layout('directoryOffset'), layout('directorySize'));
    expect(directory.equals(directoryOf([base, native]))).toBe(true);
    expect(readDirectory(image)?.flavours.map(({ name }) => name)).toEqual(['xen', 'native']);
    expect(image.setupSize + layout('loadedSize')).toBe(image.bytes.length);
    expect(crcMatches(image)).toBe(true);
  });

  it('does not look like an EFI application any more', () => {
    const original = bzImage();
    expect(readPe(original.bytes)).not.toBeNull();
    const { bytes, fields: written } = write();
    expect(readPe(bytes)).toBeNull();
    expect(Buffer.from(bytes.subarray(0, 0x400)).includes('PE\0\0')).toBe(false);
    expect([bytes[0], bytes[1]]).toEqual([0xeb, 0xfe]);
    expect(written.handover_offset).toBe(0);
    expect(written.xloadflags).toBe(xloadflags.XLF_KERNEL_64);
  });

  it('says truly what it needs', () => {
    const image = write();
    const layout = layoutOf(image);
    expect(image.fields).toMatchObject({
      pref_address: 0x1000000n,
      kernel_alignment: 0x200000,
      relocatable_kernel: 1,
      kernel_info_offset: binary.kernelInfoAt,
    });
    expect(layout('kernelSize')).toBe(6 * megabyte);
    expect(layout('rebuildRoom')).toBe(5 * megabyte);
    // Rebuilding happens where the kernel will run; the codec's memory is less than the recipe's.
    const parts = image.protectedMode.size + binary.bodyMemory + 6 * megabyte;
    expect(image.fields.init_size).toBeGreaterThan(parts + native.workSize + 0x200000);
    expect(image.fields.init_size).toBeLessThan(parts + native.workSize + 0x200000 + 65_536);
  });

  it('has room for a base that a recipe wants behind the image', () => {
    const image = write(undefined, [base, { ...native, distance: 2 * megabyte }]);
    expect(layoutOf(image)('rebuildRoom')).toBe(7 * megabyte);
    expect(layoutOf(image)('kernelSize')).toBe(6 * megabyte);
  });

  it('is as strict as its strictest flavour', () => {
    const image = write([
      bzImage({ relocatable_kernel: 0, cmdline_size: 255 }),
      bzImage({ kernel_alignment: 0x1000000, initrd_addr_max: 0x37ffffff }),
    ]);
    expect(image.fields).toMatchObject({
      ...{ relocatable_kernel: 0, kernel_alignment: 0x1000000 },
      ...{ cmdline_size: 255, initrd_addr_max: 0 },
    });
  });

  it('names to the stub what the stub calls the same', () => {
    const names = layoutNames();
    expect(names).toHaveLength(layoutSize / 4);
    const numbered = Object.fromEntries(names.map((name, i) => [name, i + 1]));
    const bytes = encodeLayout(numbered as StubLayout);
    const words = names.map((_, i) => new DataView(bytes.buffer).getUint32(4 * i, true));
    expect(words).toEqual(names.map((_, i) => i + 1));
  });
});

describe('linkStub refuses', () => {
  const link = (
    images: BzImage[],
    { flavours = [base, native], packed = payload }: { flavours?: Flavour[]; packed?: Uint8Array },
  ) => linkStub({} as Workspace, { images, payload: packed, directory: directoryOf(flavours) });

  it('kernels that are too old or 32-bit', async () => {
    await expect(link([bzImage(), bzImage({}, 0x020b)], {})).rejects.toThrow(
      labError('stub-protocol-too-old', { place: { file: 'native' } }),
    );
    await expect(link([bzImage({ xloadflags: 0 }), bzImage()], {})).rejects.toThrow(
      labError('stub-not-64-bit', { place: { file: 'xen' } }),
    );
  });

  it('kernels that cannot be in the same place', async () => {
    const flavours = [base, { ...native, loadAddress: 0x2000000n }];
    const images = [bzImage(), bzImage({ relocatable_kernel: 0 })];
    await expect(link(images, { flavours })).rejects.toThrow(
      labError('stub-address-fixed', { place: { file: 'native' } }),
    );
  });

  it('kernels above 4 GB', async () => {
    const flavours = [base, { ...native, loadAddress: 0xffc00000n }];
    await expect(link([bzImage(), bzImage()], { flavours })).rejects.toThrow(
      labError('stub-address-too-high', { place: { file: 'native' } }),
    );
  });

  it('codecs that it does not unpack', async () => {
    const packed = Buffer.from([0x02, 0x21, 0x4c, 0x18]);
    await expect(link([bzImage(), bzImage()], { packed })).rejects.toThrow(
      labError('stub-codec-unsupported', { message: expect.stringContaining('lz4') as string }),
    );
  });
});

describe('the dictionary of an xz stream', () => {
  it('is read from the block header', async () => {
    // LZMA2's default, preset 6.
    expect(xzDictionary(await xzStream(Buffer.alloc(10)))).toBe(8 * megabyte);
  });

  it('is unknown in a header that is cut off', async () => {
    const stream = await xzStream(Buffer.alloc(10));
    for (let size = 0; size < 19; size++) expect(xzDictionary(stream.subarray(0, size))).toBeNull();
  });
});
