import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  extractDocument,
  imagesDocument,
  importDocument,
  inspectDocument,
} from '../../../engine/contract.js';
import { buildBzImage, gzipPayload } from '../../support/bzimage-builder.js';
import { buildKernelElf, linuxXenNotes } from '../../support/elf-builder.js';
import { kbl } from '../../support/kbl.js';
import { multiImage } from '../../support/multi-image.js';
import { testFolder } from '../../support/test-folder.js';

let home: string;
let native: string;
let xen: string;

beforeEach(async () => {
  const folder = await testFolder();
  home = join(folder, 'home');
  native = join(folder, 'bzImage');
  xen = join(folder, 'vmlinuz-xen');
  const bare = buildKernelElf({ banner: 'Linux version 6.1.0 (native) #1\n' });
  await writeFile(
    native,
    buildBzImage({ payload: gzipPayload(bare), kernelVersion: '6.1.0 (a@b) #1' }),
  );
  const guest = buildKernelElf({
    banner: 'Linux version 6.1.0 (xen) #1\n',
    notes: linuxXenNotes(),
  });
  await writeFile(xen, buildBzImage({ payload: gzipPayload(guest) }));
});

async function json(...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await kbl(home, [...words, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('import', () => {
  it('stores a bzImage under the name given, or one that says what it is', async () => {
    const named = importDocument.parse(await json('import', xen, '--name', 'guest'));
    expect(named).toMatchObject({ existed: false, image: { name: 'guest', kind: 'imported' } });
    const unnamed = importDocument.parse(await json('import', native));
    expect(unnamed.image).toMatchObject({ name: 'bzImage-6.1.0', kernelVersion: '6.1.0' });
    expect(unnamed.image.origin).toBe(native);
  });

  it('takes no name that could not be typed again, and makes one of any file name', async () => {
    for (const name of ['a/b', '-x']) {
      const { code, stderr } = await kbl(home, ['import', native, `--name=${name}`]);
      expect(code).toBe(2);
      expect(stderr).toContain('[name-invalid]');
    }
    const odd = join(home, '..', '--a\nb');
    await writeFile(odd, await readFile(native));
    expect(importDocument.parse(await json('import', odd)).image.name).toBe('a-b');
    const bare = gzipPayload(buildKernelElf({ banner: 'Linux version 6.1.0 (hostile) #1\n' }));
    const hostile = join(home, '..', 'vmlinuz');
    const kernelVersion = `6/1\u001b[2J${'x'.repeat(200)} (a@b) #1`;
    await writeFile(hostile, buildBzImage({ payload: bare, kernelVersion }));
    const { image } = importDocument.parse(await json('import', hostile));
    expect(image.name).toMatch(/^vmlinuz-6-1-\[2Jx+$/);
  });

  it('says of a file that cannot be read that it cannot be read', async () => {
    // Opens, and fails at the first read (proc(5): nothing is mapped at address 0).
    const { code, stderr } = await kbl(home, ['inspect', '/proc/self/mem']);
    expect(code).toBe(3);
    expect(stderr).toContain('[file-missing]');
  });

  it('knows the same bytes again', async () => {
    await json('import', native, '--name', 'first');
    const again = importDocument.parse(await json('import', native));
    expect(again).toMatchObject({ existed: true, image: { name: 'first' } });
    expect(imagesDocument.parse(await json('images')).images).toHaveLength(1);
  });

  it('refuses what no boot loader takes, naming the file, and stores nothing', async () => {
    const vmlinux = join(home, '..', 'vmlinux');
    await writeFile(vmlinux, buildKernelElf({ banner: 'Linux version 6.1.0 #1\n' }));
    const { code, stderr } = await kbl(home, ['import', vmlinux]);
    expect(code).toBe(3);
    expect(stderr).toContain('[image-not-bootable]');
    expect(stderr).toContain(`at ${vmlinux}`);
    expect((await kbl(home, ['images', '--names'])).stdout).toBe('');
  });

  it.each([
    ['a folder', '/', 'not-a-regular-file'],
    ['a device', '/dev/zero', 'not-a-regular-file'],
    ['nothing', '/does/not/exist', 'file-missing'],
  ])('refuses %s', async (_what, file, code) => {
    const result = await kbl(home, ['import', file]);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain(`[${code}]`);
  });
});

describe('images', () => {
  it('lists, and shows one by name or by the beginning of its digest', async () => {
    await json('import', native, '--name', 'one');
    await json('import', xen, '--name', 'two');
    expect((await kbl(home, ['images', '--names'])).stdout).toBe('one\ntwo\n');
    const { images } = imagesDocument.parse(await json('images'));
    const digest = images[1]?.sha256 ?? '';
    const shown = await kbl(home, ['images', digest.slice(0, 8)]);
    expect(shown.stdout).toContain('two');
    expect(shown.stdout).toContain(digest);
    expect(shown.stdout).not.toContain('one');
  });
});

describe('inspect', () => {
  it('says where an image boots, and prints every header field when asked', async () => {
    await json('import', xen, '--name', 'guest');
    const { image, description } = inspectDocument.parse(await json('inspect', 'guest'));
    expect(image?.name).toBe('guest');
    const verdicts = new Map(description.bootsAs.map((one) => [one.environment, one.boots]));
    expect(verdicts.get('bare')).toBe(true);
    expect(verdicts.get('xen-pv-dom0')).toBe(true);

    const { stdout } = await kbl(home, ['inspect', native, '--fields']);
    expect(stdout).toMatch(/boots as xen-pv-dom0 +no +the kernel has no Xen ELF notes/);
    expect(stdout).toMatch(/0x1f1 +setup_sects +/);
  });

  it('takes a word without slash for a file only when no image has that name', async () => {
    const result = await kbl(home, ['inspect', 'nothing-of-this-name']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('[image-nowhere]');
  });
});

describe('boot', () => {
  it.each([
    ['a folder', '/', 'not-a-regular-file'],
    ['a text', '/etc/passwd', 'image-not-kernel'],
  ])('refuses %s before it starts an emulator', async (_what, file, code) => {
    const result = await kbl(home, ['boot', file]);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain(`[${code}]`);
  });
});

describe('merge', () => {
  it.each([
    ['one image', [], 'merge-too-few'],
    ['a rule without a flavour', ['other', '--rule', 'KVMKVMKVM'], 'merge-bad-rule'],
    ['a rule for no flavour', ['b=XEN', '--rule', 'KVMKVMKVM=c'], 'merge-no-flavour'],
    ['a signature that is too long', ['b=XEN', '--rule', 'KVMKVMKVMKVMKVM=b'], 'merge-bad-rule'],
    ['a default that is no flavour', ['b=XEN', '--default', 'c'], 'merge-no-flavour'],
    ['two flavours of one name', ['a=XEN'], 'merge-bad-label'],
    ['more images than there is room for', Array<string>(16).fill('XEN'), 'merge-too-many'],
    ['what is nowhere', ['nothing-of-this-name'], 'image-nowhere'],
  ])('refuses %s before it does anything', async (_what, words, expected) => {
    const given = words.map((word) => word.replace('XEN', xen));
    const { code, stderr } = await kbl(home, ['merge', `a=${native}`, ...given]);
    expect(code).toBe(2);
    expect(stderr).toContain(`[${expected}]`);
  });

  it('refuses kernels of which Xen could boot none', async () => {
    const { code, stderr } = await kbl(home, ['merge', native, `again=${native}`]);
    expect(code).toBe(3);
    expect(stderr).toContain('[merge-no-xen-notes]');
    expect(stderr).toContain('at again');
  });
});

describe('a multi-image', () => {
  let file: string;
  const nativeElf = buildKernelElf({ banner: 'Linux version 6.1.0 (native) #1\n' });

  beforeEach(async () => {
    file = join(home, '..', 'multi');
    const xenElf = buildKernelElf({ notes: linuxXenNotes() });
    const kernels = { native: nativeElf, xen: xenElf };
    await writeFile(file, multiImage({ kernels, carrier: 'stub' }));
  });

  it('is shown with what starts it, what is in it and what is shared', async () => {
    const { description } = inspectDocument.parse(await json('inspect', file));
    expect(description.multiImage?.flavours.map(({ intact }) => intact)).toEqual([true, true]);
    const { stdout } = await kbl(home, ['inspect', file]);
    expect(stdout).toMatch(/^multi-image +2 flavours, format 1, base xen$/m);
    expect(stdout).toMatch(/^starts with +the lab's boot stub, from BIOS-protocol loaders only/m);
    expect(stdout).toMatch(/^chosen .* else xen under XenVMMXenVMM, else native$/m);
    expect(stdout).toMatch(/^flavour +native: recipe of [0-9,]+ bytes, .* intact$/m);
    expect(stdout).toMatch(/^ +Linux version 6\.1\.0 \(native\) #1$/m);
    expect(stdout).toMatch(/% +as in the base, in [0-9,]+ pieces$/m);
    expect(stdout).toMatch(/^boots as bare +yes .*flavour native unless another is chosen$/m);
  });

  it('gives its flavours back', async () => {
    const output = join(home, '..', 'native.elf');
    const words = ['extract', file, '--flavour', 'native', '-o', output];
    const { size, sha256, ...answer } = extractDocument.parse(await json(...words));
    expect(answer).toMatchObject({ flavour: 'native', stored: 'recipe', file: output });
    const written = await readFile(output);
    expect(written.equals(nativeElf)).toBe(true);
    expect(size).toBe(written.length);
    expect(sha256).toBe(createHash('sha256').update(written).digest('hex'));
  });

  it('is not taken apart unless it is said which flavour, and where to', async () => {
    const unnamed = await kbl(home, ['extract', file, '-o', join(home, 'x')]);
    expect(unnamed.code).toBe(2);
    expect(unnamed.stderr).toContain('[merge-flavour-unnamed]');
    expect(unnamed.stderr).toContain('native, xen');
    const nowhere = await kbl(home, ['extract', file, '--flavour', 'native']);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('--output');
  });

  it('is not merged again', async () => {
    const { code, stderr } = await kbl(home, ['merge', native, file]);
    expect(code).toBe(3);
    expect(stderr).toContain('[merge-already-multi]');
  });
});

describe('measure', () => {
  it('refuses a baseline that will be no column before it measures anything', async () => {
    const { code, stderr } = await kbl(home, ['measure', native, '--baseline', 'nope']);
    expect(code).toBe(2);
    expect(stderr).toContain('[report-unknown-baseline]');
    expect(stderr).toContain('0 bzImage-6.1.0/bare');
    expect((await kbl(home, ['experiments', '--names'])).stdout).toBe('');
  });
});
