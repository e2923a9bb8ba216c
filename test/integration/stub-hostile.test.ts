import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultMachine, type BootRequest } from '../../engine/boot/index.js';
import {
  decodeDirectory,
  directoryOffset,
  type Directory,
} from '../../engine/bzimage/directory.js';
import { copyOf, readBzImage } from '../../engine/bzimage/index.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { imageBooter } from '../support/boot-image.js';
import { testKernel } from '../support/kernels.js';
import { stubImage, withDirectory } from '../support/stub-image.js';
import { tinyInitrd } from '../support/tiny-guest.js';

/** What the boot stub says of a damaged file, and that it halts: no reset, no triple fault. */

const root = mkdtempSync(join(tmpdir(), 'kbl-stub-'));
const boot = imageBooter(root);
let merged: Uint8Array;

beforeAll(async () => {
  const workspace = await openWorkspace(join(root, 'home'));
  try {
    const flavours = { native: testKernel('native').bzImage, xen: testKernel('xen').bzImage };
    merged = await stubImage(workspace, { flavours, fallback: 'native' });
  } finally {
    await workspace.close();
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The stub's last words. */
async function lastWords(
  image: Uint8Array,
  { flavour = 'native', ...changes }: Partial<BootRequest> & { flavour?: string } = {},
): Promise<string> {
  const { outcome, evidence, text } = await boot(image, {
    append: `kbl.flavour=${flavour}`,
    ...changes,
  });
  expect({ outcome, evidence }).toEqual({
    outcome: 'stopped-early',
    evidence: '-- System halted',
  });
  return /^kbl: cannot boot: (.*)\r\n -- System halted\r\n$/m.exec(text)?.[1] ?? text;
}

/** A copy with some bits of one byte turned. */
function flipped(offset: number): Uint8Array {
  const copy = copyOf(merged);
  copy[offset]! ^= 0x55;
  return copy;
}

const directoryAt = (): number => directoryOffset(readBzImage(merged))!;
const native = (directory: Directory): Directory['flavours'][number] =>
  directory.flavours.find(({ name }) => name === 'native')!;

describe('the boot stub', () => {
  it('finds damage anywhere in the payload', async () => {
    const { offset, size } = readBzImage(merged).payload!;
    for (const part of [0, 0.001, 0.3, 0.6, 0.9999]) {
      const image = flipped(offset + Math.floor(part * (size - 9)));
      expect(await lastWords(image, { flavour: 'xen' })).toMatch(
        /^the (base kernel does not unpack to what it was|rebuilt kernel has the wrong checksum)$/,
      );
    }
  });

  it('finds damage anywhere in the recipe', async () => {
    const { recipe } = native(decodeDirectory(merged.subarray(directoryAt())));
    const start = recipe.byteOffset - merged.byteOffset;
    for (const part of [0, 0.001, 0.3, 0.6, 0.9999]) {
      expect(await lastWords(flipped(start + Math.floor(part * recipe.length)))).toMatch(
        /^(the recipe or the base kernel is damaged|the rebuilt kernel has the wrong checksum)$/,
      );
    }
  });

  it('finds damage in the directory', async () => {
    expect(await lastWords(flipped(directoryAt()))).toBe(
      'there is no directory behind the payload',
    );
    expect(await lastWords(flipped(directoryAt() + 8))).toBe(
      'the directory has a version that this code does not know',
    );
    for (const offset of [10, 12, 14, 16, 20, 24, 32, 64, 64 + 24, 64 + 128 + 40]) {
      expect(await lastWords(flipped(directoryAt() + offset))).toBe('the directory is damaged');
    }
  });

  const lies: [string, (flavour: Directory['flavours'][number]) => void, string][] = [
    ['a larger image', (f) => (f.imageSize += 4096), 'the re'],
    ['a smaller image', (f) => (f.imageSize -= 4096), 'the re'],
    ['an image larger than the room for it', (f) => (f.imageSize = 0xfffff000), 'there is too li'],
    ['memory larger than the room for it', (f) => (f.memorySize = 0xffffffff), 'there is too li'],
    ['a base far away', (f) => (f.distance = 0xffffffff), 'there is too little room'],
    ['a base on top of the image', (f) => (f.distance = 0), 'the (base|re)'],
    ['4 GB of scratch memory', (f) => (f.workSize = 0xffffffff), 'there is too little memory'],
    ['no scratch memory', (f) => (f.workSize = 0), 'there is too little room'],
    ['relocations instead of an ELF', (f) => (f.tailSize = f.imageSize), 'the rebuilt kernel is'],
    ['another checksum', (f) => (f.checksum ^= 1n), 'the rebuilt kernel has the wrong checksum'],
  ];
  it.each(lies)('believes no directory that promises %s', async (_, lie, words) => {
    const image = withDirectory(merged, (directory) => lie(native(directory)));
    expect(await lastWords(image)).toMatch(new RegExp(`^${words}`));
  });

  it('says when there is too little memory', async () => {
    const machine = { ...defaultMachine, memory: 32 };
    const initrd = tinyInitrd(root, 'hash', Buffer.alloc(8 * 2 ** 20));
    expect(await lastWords(merged, { machine, initrd })).toMatch(/^there is too little memory/);
  });
});
