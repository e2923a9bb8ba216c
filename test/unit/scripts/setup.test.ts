import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tools } from '../../../engine/doctor/tools.mjs';
import { ensureCompiled } from '../../../scripts/setup/compile.mjs';
import { modulesAreCurrent } from '../../../scripts/setup/modules.mjs';
import { explainMissing } from '../../../scripts/setup/packages.mjs';
import { testFolder } from '../../support/test-folder.js';

async function project(): Promise<string> {
  const root = await testFolder();
  for (const folder of ['engine/deep', 'db/migrations', 'node_modules']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'engine/deep/a.ts'), "export const a: number = 1;\nimport './b.mjs';");
  await writeFile(join(root, 'engine/deep/b.mjs'), 'export {};');
  await writeFile(join(root, 'db/migrations/001.sql'), 'SELECT 1;');
  return root;
}

describe('ensureCompiled', () => {
  it('compiles file by file, copies what the code finds beside itself, and then does nothing', async () => {
    const root = await project();
    expect(await ensureCompiled(root)).toBe(true);
    expect(await readFile(join(root, 'dist/engine/deep/a.js'), 'utf8')).toContain('const a = 1');
    expect(await readFile(join(root, 'dist/engine/deep/b.mjs'), 'utf8')).toBe('export {};');
    expect(await readFile(join(root, 'dist/db/migrations/001.sql'), 'utf8')).toBe('SELECT 1;');
    expect(await ensureCompiled(root)).toBe(false);
  });

  it('compiles again when a source changed or went away, and leaves nothing of the old', async () => {
    const root = await project();
    await ensureCompiled(root);
    const source = join(root, 'engine/deep/a.ts');
    await utimes(source, new Date(), new Date(Date.now() + 5000));
    expect(await ensureCompiled(root)).toBe(true);
    await rm(source);
    expect(await ensureCompiled(root)).toBe(true);
    await expect(readFile(join(root, 'dist/engine/deep/a.js'))).rejects.toThrow('ENOENT');
  });

  it('keeps the old code when the new does not compile', async () => {
    const root = await project();
    await ensureCompiled(root);
    await writeFile(join(root, 'engine/deep/c.ts'), 'const = 1;');
    await expect(ensureCompiled(root)).rejects.toThrow('do not compile');
    expect(await readFile(join(root, 'dist/engine/deep/a.js'), 'utf8')).toContain('const a = 1');
  });
});

describe('modulesAreCurrent', () => {
  it('wants a stamp that fits the lock file', async () => {
    const root = await project();
    await writeFile(join(root, 'package-lock.json'), '{}');
    expect(modulesAreCurrent(root)).toBe(false);
    await writeFile(join(root, 'node_modules/.kbl-stamp'), 'of another lock');
    expect(modulesAreCurrent(root)).toBe(false);
  });
});

describe('explainMissing', () => {
  it('says what needs each tool, and one command a distribution', () => {
    const missing = tools.filter(({ id }) => ['bc', 'libelf', 'linux-source'].includes(id));
    const text = explainMissing(missing);
    expect(text).toMatch(/^ +bc +computes the kernel's time constants/m);
    expect(text).toContain(
      'debian        sudo apt-get install --no-install-recommends linux-source-6.1 bc libelf-dev',
    );
    expect(text).toContain('fedora        sudo dnf install bc elfutils-libelf-devel');
    expect(text).toContain('arch          sudo pacman -S --needed bc libelf');
    expect(text).toMatch(/linux-source +without a package: .*--source/);
  });
});
