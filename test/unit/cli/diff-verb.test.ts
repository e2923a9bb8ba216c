import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffDocument } from '../../../engine/contract.js';
import { kbl } from '../../support/kbl.js';
import { testFolder } from '../../support/test-folder.js';
import { buildVmlinux } from '../compare/kernel-builder.js';

/** Two kernels whose function `f` adds another number. */
async function twoKernels(): Promise<{ home: string; a: string; b: string }> {
  const folder = await testFolder();
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  const kernel = (value: number): Uint8Array =>
    buildVmlinux({
      '.text': [{ name: 'f', bytes: [0x83, 0xc0, value, 0xc3] }],
      '.data': [{ bytes: [1, 2, 3] }],
    });
  await writeFile(a, kernel(1));
  await writeFile(b, kernel(2));
  return { home: join(folder, 'home'), a, b };
}

describe('kbl diff', () => {
  it('ends its tables with totals that add up to all sections', async () => {
    const { home, a, b } = await twoKernels();
    const { code, stdout } = await kbl(home, ['diff', a, b]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Note: .* has no relocations/m);
    // .text and .data of the file: 4 bytes of f, 3 without a symbol, each padded to 16.
    const loaded = /all that is loaded[^]*?\n {2}total +(\d+) +(\d+)/.exec(stdout);
    expect(loaded?.slice(1)).toEqual(['32', '32']);
    expect(stdout).toMatch(/^ {2}f +4 +4 {2}structure$/m);
  });

  it('answers with --json what it prints', async () => {
    const { home, a, b } = await twoKernels();
    const { stdout } = await kbl(home, ['diff', a, b, '--json']);
    const { comparison } = diffDocument.parse(JSON.parse(stdout));
    expect(comparison?.functions).toMatchObject([{ name: 'f', reason: 'structure' }]);
    expect(comparison?.notes).toHaveLength(3);
  });

  it.each([
    ['--function', 'f', '--csv', 'x.csv'],
    ['--bloat-o-meter', 'all', '--xlsx', 'x.xlsx'],
    ['--bloat-o-meter', 'all', '--function', 'f'],
  ])('refuses to answer two questions at once: %s %s %s %s', async (...words) => {
    const { home, a, b } = await twoKernels();
    const { code, stderr } = await kbl(home, ['diff', a, b, ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain('[cli-usage]');
  });

  it('disassembles a function, and says which names are similar', async () => {
    const { home, a, b } = await twoKernels();
    const shown = await kbl(home, ['diff', a, b, '--function', 'f']);
    expect(shown.stdout).toMatch(/^f: differs: structure\n/);
    expect(shown.stdout).toMatch(/add {4}\$0x1,%eax +\| +0: add {4}\$0x2,%eax/);
    const unknown = await kbl(home, ['diff', a, b, '--function', 'g']);
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('[compare-function-unknown]');
  });
});
