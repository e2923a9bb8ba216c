import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  describeImage,
  extractVmlinux,
  readBzImage,
  type ImageDescription,
} from '../../../engine/bzimage/index.js';
import { buildBzImage, gzipPayload, withSize, xzStream } from '../../support/bzimage-builder.js';
import { multiImage, withBehindPayload } from '../../support/multi-image.js';
import { ByteWriter, buildElf, buildKernelElf, linuxXenNotes } from '../../support/elf-builder.js';

const xenKernel = (changes: Parameters<typeof linuxXenNotes>[0] = {}) =>
  buildKernelElf({ notes: linuxXenNotes(changes) });
const describeKernelOf = (elf: Uint8Array) =>
  describeImage(buildBzImage({ payload: gzipPayload(elf) }));
const verdicts = (d: ImageDescription): Record<string, boolean> =>
  Object.fromEntries(d.bootsAs.map(({ environment, boots }) => [environment, boots]));
const reason = (d: ImageDescription, environment: string): string =>
  d.bootsAs.find((verdict) => verdict.environment === environment)!.reason;

describe('extractVmlinux', () => {
  it('tells the ELF from the relocation table behind it', async () => {
    const elf = buildKernelElf({});
    const relocations = Buffer.alloc(24, 0x81);
    const payload = gzipPayload(Buffer.concat([elf, relocations]));
    const vmlinux = await extractVmlinux(readBzImage(buildBzImage({ payload })));
    expect(vmlinux.codec).toBe('gzip');
    expect(vmlinux.elfEnd).toBe(elf.length);
    expect(vmlinux.bytes.length).toBe(elf.length + 24);
  });
});

describe('describeImage', () => {
  it('describes a bzImage with a Xen kernel', async () => {
    const elf = xenKernel();
    const payload = withSize(await xzStream(elf), elf.length);
    const d = await describeImage(buildBzImage({ payload, efi: true }));
    expect(d).toMatchObject({
      container: 'bzImage',
      wrapping: null,
      problem: null,
      multiImage: null,
      setup: { protocol: '2.15', kernelVersion: '6.1.0 (a@b) #1 SMP', crcMatches: true },
      payload: { codec: 'xz', size: payload.length, unpackedSize: elf.length },
      efi: { machine: 'x86-64', sections: ['.text'], signed: false },
      kernel: {
        width: 64,
        machine: 'x86-64',
        entry: '0x1000000',
        banner: 'Linux version 6.1.0 (a@b) #1 SMP',
        stripped: true,
        relocationTableSize: 0,
        xenFeatures: [
          '!writable_page_tables',
          'pae_pgdir_above_4gb',
          'dom0',
          'linux_rsdp_unrestricted',
        ],
      },
    });
    expect(d.setup!.fields).toHaveLength(39);
    expect(d.setup!.xloadflags).toContain('XLF_KERNEL_64');
    expect(d.kernel!.xenNotes).toContainEqual({ name: 'ENTRY', value: '0xffffffff81c75160' });
    expect(Object.values(verdicts(d))).toEqual([true, true, true, true, true]);
    expect(reason(d, 'bare')).toContain('UEFI');
    expect(JSON.parse(JSON.stringify(d))).toEqual(d);
  });

  it('describes a vmlinux, bare and compressed', async () => {
    const elf = xenKernel();
    const bare = await describeImage(elf);
    expect(bare).toMatchObject({ container: 'vmlinux', wrapping: null, setup: null });
    expect(verdicts(bare)).toMatchObject({ bare: false, 'xen-pv-dom0': true });
    expect(await describeImage(gzipSync(elf))).toMatchObject({
      container: 'vmlinux',
      wrapping: 'gzip',
      kernel: { banner: 'Linux version 6.1.0 (a@b) #1 SMP' },
    });
  });

  it('prefers the banner with a build number', async () => {
    const banner = 'Linux version 6.1.0 (a@b) # SMP\0Linux version 6.1.0 (a@b) #7 SMP\n';
    const d = await describeImage(buildKernelElf({ banner }));
    expect(d.kernel!.banner).toBe('Linux version 6.1.0 (a@b) #7 SMP');
    const none = await describeImage(buildKernelElf({ banner: 'Linux version %s' }));
    expect(none.kernel!.banner).toBeNull();
  });

  it.each([
    [1, 0x1badb002, 12],
    [2, 0xe85250d6, 16],
  ] as const)('recognises a multiboot %i image', async (version, magic, length) => {
    const header = new ByteWriter().uint(magic, 4).uint(0, 4);
    if (version === 2) header.uint(16, 4);
    const sum = version === 2 ? magic + 16 : magic;
    header.uint((2 ** 32 - sum) % 2 ** 32, 4);
    expect(header.length).toBe(length);
    const data = Buffer.concat([header.done(), Buffer.alloc(32)]);
    const elf = buildElf({ width: 32, sections: [{ name: '.text', type: 1, data, align: 8 }] });
    const d = await describeImage(elf);
    expect(d.kernel!.multiboot).toBe(version);
    expect(Object.values(verdicts(d))).not.toContain(true);
    expect(reason(d, 'xen-pv-dom0')).toContain('multiboot');
  });

  it('still shows the header when the payload cannot be unpacked', async () => {
    const lzo = Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0, 0, 0, 0]);
    const d = await describeImage(buildBzImage({ payload: lzo }));
    expect(d).toMatchObject({
      payload: { codec: 'lzo', unpackedSize: null },
      kernel: null,
      problem: { code: 'payload-lzo' },
    });
    expect(verdicts(d)).toMatchObject({ bare: true, 'xen-pv-dom0': false });
    expect(reason(d, 'xen-pv-dom0')).toContain('LZO');
  });

  it('describes a multi-image by its directory', async () => {
    const kernels = { native: buildKernelElf({}), xen: xenKernel() };
    const d = await describeImage(multiImage({ kernels }));
    expect(d.problem).toBeNull();
    expect(d.multiImage).toMatchObject({
      ...{ version: 1, carrier: 'decompressor', base: 'xen', default: 'native' },
      rules: [{ signature: 'XenVMMXenVMM', flavour: 'xen' }],
      flavours: [
        { name: 'native', stored: 'recipe', unpackedSize: kernels.native.length },
        { name: 'xen', stored: 'base', recipeSize: 0, loadAddress: '0x1000000' },
      ],
    });
    expect(d.multiImage!.flavours[0]!.checksum).toMatch(/^[0-9a-f]{16}$/);
    expect(reason(d, 'bare')).toMatch(/UEFI; flavour native/);
    expect(reason(d, 'xen-pv-dom0')).toMatch(/flavour xen, the base$/);
    expect(JSON.parse(JSON.stringify(d))).toEqual(d);
  });

  it('says of one with the boot stub that UEFI does not start it', async () => {
    const kernels = { native: buildKernelElf({}), xen: xenKernel() };
    const d = await describeImage(multiImage({ kernels, carrier: 'stub' }));
    expect(d).toMatchObject({ efi: null, multiImage: { carrier: 'stub' } });
    expect(reason(d, 'bare')).not.toContain('UEFI');
  });

  it('refuses the directory of a version that it does not know', async () => {
    const old = Buffer.alloc(224);
    old.write('KBLMULTI');
    const d = await describeImage(withBehindPayload(gzipPayload(xenKernel()), old));
    expect(d).toMatchObject({
      multiImage: null,
      problem: {
        code: 'merge-directory-malformed',
        message: expect.stringContaining('its version is 0'),
      },
    });
  });

  it('throws when cancelled instead of describing half', async () => {
    const bytes = buildBzImage({ payload: gzipPayload(xenKernel()) });
    await expect(describeImage(bytes, { signal: AbortSignal.abort() })).rejects.toThrow(
      labError('cancelled'),
    );
  });

  it('refuses what is no kernel image', async () => {
    for (const text of ['', 'MZ', '#!/bin/sh\n'.repeat(200)]) {
      await expect(describeImage(Buffer.from(text))).rejects.toThrow(labError('image-not-kernel'));
    }
  });
});

describe('bootsAs', () => {
  const without = (type: number) => describeKernelOf(xenKernel({ [type]: null }));

  it('is only bare without Xen notes', async () => {
    const d = await describeKernelOf(buildKernelElf({}));
    expect(Object.values(verdicts(d))).toEqual([true, false, false, false, false]);
    expect(reason(d, 'xen-pv-domu')).toContain('no Xen ELF notes');
  });

  it('is not PV without ENTRY, not PVH without PHYS32_ENTRY', async () => {
    const pvh = await without(1);
    expect(verdicts(pvh)).toMatchObject({ 'xen-pv-dom0': false, 'xen-pvh-dom0': true });
    expect(reason(pvh, 'xen-pv-dom0')).toContain('no note ENTRY');
    const pv = await without(18);
    expect(verdicts(pv)).toMatchObject({ 'xen-pv-domu': true, 'xen-pvh-domu': false });
  });

  it('is not dom0 when SUPPORTED_FEATURES lacks dom0, but may be without that note', async () => {
    const features = new ByteWriter().uint(0x8001, 4).done();
    const domU = await describeKernelOf(xenKernel({ 17: features }));
    expect(verdicts(domU)).toMatchObject({ 'xen-pv-dom0': false, 'xen-pv-domu': true });
    expect(reason(domU, 'xen-pv-dom0')).toContain('dom0');
    expect(verdicts(await without(17))).toMatchObject({ 'xen-pv-dom0': true });
  });

  it('wants XEN_VERSION xen-3.0 and the generic loader or Linux', async () => {
    expect(reason(await without(5), 'xen-pv-domu')).toContain('XEN_VERSION is missing');
    expect(verdicts(await without(8))).toMatchObject({ 'xen-pv-domu': true });
    const neither = await describeKernelOf(xenKernel({ 6: null, 8: null }));
    expect(verdicts(neither)).toMatchObject({ 'xen-pv-domu': false });
  });
});
