import { expect, it } from 'vitest';
import type { z } from 'zod';
import pc from 'picocolors';
import { mergeText } from '../../../engine/cli/merge-text.js';
import type { mergeDocument } from '../../../engine/contract.js';

type Merged = z.infer<typeof mergeDocument>;

const flavour = (name: string, stored: 'base' | 'recipe', recipeSize: number) => ({
  ...{ name, stored, recipeSize, unpackedSize: 17_000_000, relocationsSize: 150_000 },
  ...{ memorySize: 14_000_000, workSize: 1_000_000, loadAddress: '0x1000000' },
  ...{ checksum: '0123456789abcdef', original: 'ab'.repeat(32) },
});

const three: Merged = {
  schema: 'kbl-merge',
  version: 2,
  image: {
    ...{ id: 4, sha256: 'cd'.repeat(32), kind: 'merged', name: 'multi-6.1.192', flavour: null },
    ...{ kernelVersion: '6.1.192', size: 2_900_000, build: null, parts: [] },
    ...{ patch: null, origin: null },
    createdAt: '2026-11-23T05:00:00.000Z',
  },
  file: '/home/me/vmlinuz',
  multiImage: {
    ...{ version: 2, carrier: 'decompressor', base: 'xen', default: 'native' },
    rules: [
      { signature: 'KVMKVMKVM', flavour: 'paravirt' },
      { signature: 'XenVMMXenVMM', flavour: 'xen' },
    ],
    flavours: [
      flavour('native', 'recipe', 180_000),
      flavour('paravirt', 'recipe', 170_000),
      flavour('xen', 'base', 0),
    ],
  },
  stubBecause: null,
  codec: 'gzip',
  sizes: { payload: 2_500_000, recipes: 350_000, rest: 50_000 },
  images: [
    { flavour: 'native', name: 'native-6.1.192', size: 2_400_000 },
    { flavour: 'paravirt', name: 'paravirt-6.1.192', size: 2_420_000 },
    { flavour: 'xen', name: 'xen-6.1.192', size: 2_640_000 },
  ],
  recipes: [
    {
      flavour: 'native',
      stages: [
        { name: 'copies', size: 30_000 },
        { name: 'bytes', size: 150_000 },
      ],
      namesStored: null,
    },
    {
      flavour: 'paravirt',
      stages: [
        { name: 'copies', size: 25_000 },
        { name: 'bytes', size: 145_000 },
      ],
      namesStored: 'no symbol table was found',
    },
  ],
};

it('says what was stored how, what it is worth, and where the bytes went', () => {
  expect(mergeText(three, pc.createColors(false))).toMatchInlineSnapshot(`
    "merged native + paravirt + xen as multi-6.1.192, 2,900,000 bytes
    written to /home/me/vmlinuz
    starts with the kernel's own decompressor, wherever the kernel itself starts

    FLAVOUR   STORED AS       BYTES  OF ITS IMAGE    UNPACKED  BOOTS
    native    recipe        180,000          7.5%  17,000,000  by default, kbl.flavour=native
    paravirt  recipe        170,000          7.0%  17,000,000  under KVMKVMKVM, kbl.flavour=paravirt
    xen       base, gzip  2,500,000         94.7%  17,000,000  as PV guest of Xen, under XenVMMXenVMM, kbl.flavour=xen

    xen's payload             2,500,000
    recipes                     350,000
    code, headers, directory     50,000
    the file                  2,900,000
    the images on their own   7,460,000  the file is 38.9% of them
    xen-6.1.192 alone         2,640,000  the file is 109.8% of it

    RECIPE BYTES FOR   native  paravirt
    copies             30,000    25,000
    bytes             150,000   145,000
    paravirt: symbol names are stored, not rebuilt: no symbol table was found"
  `);
});

it('says why the boot stub was taken, and what that means', () => {
  const multiImage: Merged['multiImage'] = { ...three.multiImage, carrier: 'stub' };
  const stubBecause = 'no build folder of these kernels is at hand';
  const text = mergeText({ ...three, file: null, multiImage, stubBecause }, pc.createColors(false));
  expect(text).not.toContain('written to');
  expect(text).toContain('BIOS-protocol loaders only: not by UEFI');
  expect(text).toContain(`decompressor was not taken: ${stubBecause}`);
});
