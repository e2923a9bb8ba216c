import { describe, expect, it } from 'vitest';
import { describeImage } from '../../../engine/bzimage/index.js';
import { describeFlavours, extractFlavour } from '../../../engine/merge/index.js';
import { buildBzImage, gzipPayload } from '../../support/bzimage-builder.js';
import { buildKernelElf, linuxXenNotes } from '../../support/elf-builder.js';
import { labError } from '../../support/lab-error.js';
import { multiImage, type BuildMultiImage } from '../../support/multi-image.js';

/** An ELF with the three lists of relocations behind it, each behind a zero. */
const kernel = (name: string, relocations: readonly number[], more = {}): Uint8Array =>
  Buffer.concat([
    buildKernelElf({ banner: `Linux version 6.1.0 (${name}) #1\n`, ...more }),
    Buffer.from(Uint32Array.of(0, ...relocations, 0, 0).buffer),
  ]);
const native = kernel('native', [0x10, 0x18, 0x20]);
const paravirt = kernel('paravirt', []);
const xen = kernel('xen', [0x10], { notes: linuxXenNotes() });
const kernels = { native, paravirt, xen };
const three = (more: Partial<BuildMultiImage> = {}): Buffer => multiImage({ kernels, ...more });

const describeWhole = async (bytes: Uint8Array, limit?: number) =>
  describeFlavours(bytes, await describeImage(bytes, { limit }), { limit });

describe('extractFlavour', () => {
  it.each(Object.entries(kernels))('gives back %s, byte for byte', async (name, bytes) => {
    const extracted = await extractFlavour(three(), name);
    expect(extracted.flavour).toBe(name);
    expect(extracted.stored).toBe(name === 'xen' ? 'base' : 'recipe');
    expect(Buffer.compare(extracted.bytes, bytes)).toBe(0);
  });

  it('gives what is packed in any other bzImage', async () => {
    const extracted = await extractFlavour(
      buildBzImage({ payload: gzipPayload(native) }),
      undefined,
    );
    expect(extracted).toMatchObject({ flavour: null, stored: 'whole' });
    expect(Buffer.compare(extracted.bytes, native)).toBe(0);
  });

  it('wants to know which flavour, and says which there are', async () => {
    await expect(extractFlavour(three(), undefined)).rejects.toThrow(
      labError('merge-flavour-unnamed', { message: expect.stringContaining('native, paravirt') }),
    );
    await expect(extractFlavour(three(), 'other')).rejects.toThrow(labError('merge-no-flavour'));
    const plain = buildBzImage({ payload: gzipPayload(native) });
    await expect(extractFlavour(plain, 'native')).rejects.toThrow(labError('merge-not-multi'));
  });

  it('refuses a flavour that is not what the directory says', async () => {
    const bytes = three({ change: ({ flavours }) => void (flavours[0]!.checksum ^= 1n) });
    await expect(extractFlavour(bytes, 'native')).rejects.toThrow(labError('merge-part-damaged'));
    expect((await extractFlavour(bytes, 'paravirt')).bytes.length).toBe(paravirt.length);
  });

  it('makes nothing of a size that only a header says', async () => {
    const bytes = three({ change: ({ flavours }) => void (flavours[0]!.imageSize = 0xffffffff) });
    await expect(extractFlavour(bytes, 'native')).rejects.toThrow(
      labError('merge-directory-malformed'),
    );
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    await expect(extractFlavour(three(), 'native', { signal })).rejects.toThrow(
      labError('cancelled'),
    );
  });
});

describe('describeFlavours', () => {
  it('says of every flavour what is in it and what it shares', async () => {
    const { multiImage: found } = await describeWhole(three());
    expect(found?.flavours.map(({ name, intact }) => [name, intact])).toEqual([
      ['native', true],
      ['paravirt', true],
      ['xen', true],
    ]);
    expect(found?.flavours.map((flavour) => flavour.kernel?.banner)).toEqual(
      Object.keys(kernels).map((name) => `Linux version 6.1.0 (${name}) #1`),
    );
    const shared = found!.flavours[0]!.shared!;
    const { unchanged, changed, inserted, relocations } = shared;
    expect(unchanged + changed + inserted + relocations).toBe(native.length);
    expect(shared.unchanged).toBeGreaterThan(0);
    expect(relocations).toBe(24);
    expect(found!.flavours[2]!.shared).toBeNull();
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('tells which one is damaged, and how', async () => {
    const bytes = three({
      change: ({ flavours }) => void (flavours[1]!.recipe = Buffer.from('x')),
    });
    const { multiImage: found } = await describeWhole(bytes);
    expect(found?.flavours.map(({ intact }) => intact)).toEqual([true, false, true]);
    expect(found?.flavours[1]).toMatchObject({ kernel: null, shared: null });
    expect(found?.flavours[1]?.problem).toContain('recipe');
  });

  it('finds none intact when the base cannot be unpacked', async () => {
    const found = await describeWhole(three(), 64);
    expect(found.problem?.code).toBe('payload-too-large');
    expect(found.multiImage?.flavours.map(({ intact }) => intact)).toEqual([false, false, false]);
  });

  it('leaves any other image as it is', async () => {
    const bytes = buildBzImage({ payload: gzipPayload(native) });
    expect(await describeWhole(bytes)).toEqual(await describeImage(bytes));
  });
});
