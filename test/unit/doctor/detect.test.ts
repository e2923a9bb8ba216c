import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isStatic, locate, matchingFiles, onPath } from '../../../engine/doctor/detect.mjs';
import { tools, type Tool } from '../../../engine/doctor/tools.mjs';
import { buildElf } from '../../support/elf-builder.js';
import { testFolder } from '../../support/test-folder.js';

async function executable(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content);
  await chmod(file, 0o755);
}

function setPath(path: string): void {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  onTestFinished(() => void (process.env['PATH'] = before));
}

const elf = (segmentType: number): Uint8Array =>
  buildElf({
    sections: [{ name: '.text', type: 1, data: new Uint8Array(16) }],
    segments: [{ type: segmentType, section: '.text' }],
  });

describe('onPath', () => {
  it('finds executables only, first folder first', async () => {
    const [first, second] = [await testFolder(), await testFolder()];
    await writeFile(join(first, 'kbl-tool'), '');
    await executable(join(second, 'kbl-tool'), '');
    setPath(`${first}:${second}`);
    expect(onPath('kbl-tool')).toBe(join(second, 'kbl-tool'));
    expect(onPath('kbl-other')).toBeUndefined();
  });
});

describe('isStatic', () => {
  it.each([
    ['an ELF without interpreter', elf(1), true],
    ['an ELF with an interpreter', elf(3), false],
    ['a script', Buffer.from('#!/bin/sh\n'), false],
    ['an empty file', Buffer.alloc(0), false],
    [
      'an ELF header that lies',
      Buffer.concat([elf(1).slice(0, 32), Buffer.alloc(32, 0xff)]),
      false,
    ],
  ])('%s', async (_what, bytes, expected) => {
    const file = join(await testFolder(), 'program');
    await writeFile(file, bytes);
    expect(isStatic(file)).toBe(expected);
  });
});

describe('matchingFiles', () => {
  it('sorts versions as numbers', async () => {
    const folder = await testFolder();
    for (const name of ['xen-4.9.gz', 'xen-4.17.gz', 'xen-4.17.efi', 'vmlinuz']) {
      await writeFile(join(folder, name), '');
    }
    expect(matchingFiles(join(folder, 'xen-*.gz'))).toEqual([
      join(folder, 'xen-4.9.gz'),
      join(folder, 'xen-4.17.gz'),
    ]);
    expect(matchingFiles(join(folder, 'vmlinuz'))).toEqual([join(folder, 'vmlinuz')]);
    expect(matchingFiles(join(folder, 'none', 'x*'))).toEqual([]);
  });
});

describe('locate', () => {
  it('does not take a dynamically linked busybox', async () => {
    const folder = await testFolder();
    await executable(join(folder, 'kbl-busybox'), elf(3));
    setPath(folder);
    const tool = { detect: { static: 'kbl-busybox' } } as Tool;
    expect(locate(tool)).toBeUndefined();
    await executable(join(folder, 'kbl-busybox'), elf(1));
    expect(locate(tool)).toBe(join(folder, 'kbl-busybox'));
  });

  it("takes the user's choice, or nothing when that is no such file", async () => {
    const folder = await testFolder();
    const file = join(folder, 'my qemu');
    await executable(file, '#!/bin/sh\n');
    const qemu = tools.find(({ id }) => id === 'qemu')!;
    onTestFinished(() => {
      delete process.env['KBL_QEMU'];
    });
    process.env['KBL_QEMU'] = file;
    expect(locate(qemu)).toBe(file);
    process.env['KBL_QEMU'] = folder;
    expect(locate(qemu)).toBeUndefined();
    process.env['KBL_QEMU'] = '';
    expect(locate(qemu)).toBe(onPath('qemu-system-x86_64'));
  });
});

describe('the table of tools', () => {
  it('has one entry an id, a Debian package for each, and advice where a package is missing', () => {
    expect(new Set(tools.map(({ id }) => id)).size).toBe(tools.length);
    for (const { id, packages, elsewhere } of tools) {
      expect(packages.debian.length, id).toBeGreaterThan(0);
      const nowhere = Object.values(packages).some((names) => names.length === 0);
      if (nowhere) expect(elsewhere, id).toBeDefined();
    }
  });
});
