import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import {
  addressText,
  bloatOMeter,
  compareKernels,
  functionsNamed,
  rowName,
  sideBySide,
  totalsOf,
  verdicts,
  type BloatMode,
  type KernelComparison,
  type Verdict,
} from '../../engine/compare/index.js';
import { diffDocument } from '../../engine/contract.js';
import { openFileSource } from '../../engine/elf/index.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { testKernel } from '../support/kernels.js';
import { kbl } from '../support/kbl.js';
import { testFolder } from '../support/test-folder.js';

/** The lab's native and xen kernels, compared. */

const files = { a: testKernel('native').vmlinux, b: testKernel('xen').vmlinux };
const kernel = (which: 'a' | 'b') => ({
  source: openFileSource(files[which]),
  label: which === 'a' ? 'native' : 'xen',
});

let comparison: KernelComparison;
beforeAll(async () => {
  comparison = await compareKernels(kernel('a'), kernel('b'));
});

describe("the kernel's own bloat-o-meter", () => {
  const sources = join(inject('kernels').home, 'sources');
  const script = readdirSync(sources)
    .map((digest) => join(sources, digest, 'linux-source-6.1/scripts/bloat-o-meter'))
    .find((file) => existsSync(file));

  it.each<[BloatMode, string[]]>([
    ['all', []],
    ['categories', ['-c']],
    ['data', ['-d']],
    ['text', ['-t']],
  ])('prints the same, %s', (mode, options) => {
    expect(script, 'the unpacked kernel source').toBeDefined();
    const printed = execFileSync('python3', [script!, ...options, files.a, files.b], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect(printed.length).toBeGreaterThan(10_000);
    expect(bloatOMeter(kernel('a'), kernel('b'), mode)).toBe(printed);
  });
});

describe('verdicts', () => {
  it('share what two configurations of one source share', () => {
    const { functions, objects } = totalsOf(comparison);
    const all = Object.values(functions).reduce((sum, { bytesA }) => sum + bytesA, 0);
    const same = functions.identical.bytesA + functions.addresses.bytesA;
    expect(same / all).toBeGreaterThan(0.6);
    expect(same / all).toBeLessThan(0.8);
    expect(functions['only-a'].count).toBeLessThan(100);
    expect(functions['only-b'].bytesB).toBeGreaterThan(200_000);
    expect(objects.differs.count).toBeLessThan(100);
  });

  it('find nothing that differs between a kernel and itself', async () => {
    const itself = await compareKernels(kernel('b'), kernel('b'));
    const { functions, objects } = totalsOf(itself);
    for (const totals of [functions, objects]) {
      const found = verdicts.filter((verdict) => totals[verdict].count > 0);
      expect(found).toEqual(['identical']);
    }
    for (const { sizeA, sharedA, paddingA, section, label } of itself.remainders) {
      expect({ section, label, rest: sizeA - sharedA - paddingA }).toEqual({
        section,
        label,
        rest: 0,
      });
    }
  });

  it('account for every byte that is loaded', () => {
    const { functions, objects } = totalsOf(comparison);
    const rows = [...Object.values(functions), ...Object.values(objects)];
    const { remainders, a, b } = comparison;
    const loaded = ({ image }: typeof a): number =>
      image.sections.reduce((bytes, { size }) => bytes + size, 0);
    const counted = (row: 'bytesA' | 'bytesB', rest: 'sizeA' | 'sizeB'): number =>
      rows.reduce((bytes, total) => bytes + total[row], 0) +
      remainders.reduce((bytes, remainder) => bytes + remainder[rest], 0);
    expect(counted('bytesA', 'sizeA')).toBe(loaded(a));
    expect(counted('bytesB', 'sizeB')).toBe(loaded(b));
  });

  it('tell a call to another function, though both lie before the same one', () => {
    // native_read_msr and paravirt_read_msr stand before amd_bus_cpu_online.
    const index = functionsNamed(comparison, 'early_root_info_init.isra.0')[0]!;
    expect(verdicts[comparison.functions.verdict[index]!]).toBe('differs');
  });

  it('agree with what objdump shows', () => {
    const differing = sample('differs', 12).filter((index) => {
      // Instructions are the same where only targets or fill differ.
      const { evidence } = sideBySide(comparison, index);
      return !evidence.every((reason) => reason === 'reference' || reason === 'layout');
    });
    for (const index of sample('addresses', 12)) {
      expect(instructions(index, 'a')).toEqual(instructions(index, 'b'));
    }
    expect(differing.length).toBeGreaterThan(5);
    for (const index of differing) {
      expect(instructions(index, 'a')).not.toEqual(instructions(index, 'b'));
    }
  });
});

/** Rows of a verdict, spread over the table. */
function sample(verdict: Verdict, count: number): number[] {
  const { functions } = comparison;
  const rows = Array.from({ length: functions.length }, (_, i) => i).filter(
    (i) => functions.verdict[i] === verdicts.indexOf(verdict),
  );
  return Array.from(
    { length: count },
    (_, i) => rows[Math.floor(((i + 0.5) * rows.length) / count)]!,
  );
}

/** A function as objdump disassembles it, without addresses. */
function instructions(index: number, which: 'a' | 'b'): string[] {
  const { table } = comparison[which].places;
  const row = comparison.functions[which][index]!;
  const start = table.start[row]!;
  const range = [`--start-address=0x${addressText(start)}`];
  range.push(`--stop-address=0x${addressText(start + table.size[row]!)}`);
  const printed = execFileSync('objdump', ['-d', '--no-show-raw-insn', ...range, files[which]], {
    encoding: 'utf8',
  });
  const lines = printed.split('\n').filter((line) => /^f{8}[0-9a-f]{8}:\t/.test(line));
  expect(lines.length, rowName(comparison, comparison.functions, index)).toBeGreaterThan(0);
  return lines.map((line) =>
    line
      .replace(/^[0-9a-f]+:\t/, '')
      .replace(/\s*[#<].*$/, '')
      // What an address field holds: kernel addresses, distances from %rip, per-CPU offsets.
      .replace(/\b[0-9a-f]{16}$/, 'TARGET')
      .replace(/0xffffffff8[0-9a-f]{7}/g, 'ADDRESS')
      .replace(/-0x[0-9a-f]{8}(?=\()/g, 'ADDRESS')
      .replace(/0x[0-9a-f]+(?=\(%rip\))/g, 'ADDRESS')
      .replace(/%gs:0x[0-9a-f]+/g, '%gs:PERCPU'),
  );
}

describe('reasons', () => {
  it('name the members of pv_ops at call sites', () => {
    const { functions } = comparison;
    const paravirt = Array.from(functions.reason.keys()).filter((i) => functions.reason[i] === 0);
    const texts = paravirt
      .filter((_, i) => i % 5 === 0)
      .flatMap((i) => sideBySide(comparison, i).lines.map(({ b }) => b?.text ?? ''))
      .filter((text) => text.includes('pv_ops'));
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.some((text) => /^callq? +\*pv_ops\+0x[0-9a-f]+ \(cpu\.\w+\)/.test(text))).toBe(
      true,
    );
    expect(texts.some((text) => /pv_ops\+0x[0-9a-f]+ \(mmu\.\w+\)/.test(text))).toBe(true);
  });

  it('put every function that differs into a class, few into "other"', () => {
    const { reasons, functions } = totalsOf(comparison);
    const sum = Object.values(reasons).reduce((count, reason) => count + reason.count, 0);
    expect(sum).toBe(functions.differs.count);
    expect(reasons.paravirt.count).toBeGreaterThan(1000);
    expect(reasons.structure.count).toBeGreaterThan(500);
    expect(reasons.other.count / sum).toBeLessThan(0.1);
  });
});

describe('kbl diff', () => {
  it('prints totals, writes both files, and answers as one document', async () => {
    const folder = await testFolder();
    const [csv, xlsx] = ['diff.csv', 'diff.xlsx'].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    const words = ['diff', files.a, files.b, '--csv', csv, '--xlsx', xlsx, '--json'];
    const { code, stdout } = await kbl(join(folder, 'home'), words);
    expect(code).toBe(0);
    const { comparison: found, files: written } = diffDocument.parse(JSON.parse(stdout));
    expect(found?.totals).toEqual(JSON.parse(JSON.stringify(totalsOf(comparison))));
    expect(written).toEqual([csv, xlsx]);
    const { functions, objects } = comparison;
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(
      functions.length + objects.length + 2,
    );
    const listed = spawnSync('python3', ['-m', 'zipfile', '-l', xlsx], { encoding: 'utf8' });
    expect(listed.stdout).toContain('xl/worksheets/sheet4.xml');
  });

  it('finds kernels by name, and tells folders where their object files are known', async () => {
    const workspace = await openWorkspace(inject('kernels').home);
    const names = ['native', 'xen'].map((flavour) => `${flavour}-`);
    const built = (await workspace.database.images.list()).filter(({ kind }) => kind === 'built');
    const keys = new Map(built.map(({ name, build }) => [name, build?.key]));
    await workspace.close();
    const found = names.map((prefix) => [...keys.keys()].find((name) => name.startsWith(prefix))!);
    const { code, stdout } = await kbl(inject('kernels').home, ['diff', ...found, '--json']);
    expect(code).toBe(0);
    const { comparison: answer } = diffDocument.parse(JSON.parse(stdout));
    const { kind, rows } = answer!.totals.sources;
    const sources = rows.map(({ source }) => source);
    // Kernels that an older version of the lab built came without the list.
    const listed = found.every((name) =>
      existsSync(join(inject('kernels').home, 'builds', keys.get(name)!, 'tree/vmlinux.a')),
    );
    if (listed) {
      expect({ kind, notes: answer!.notes }).toEqual({ kind: 'folder', notes: [] });
      expect(sources).toEqual(expect.arrayContaining(['mm', 'fs', 'kernel/sched', 'arch/x86/xen']));
    } else {
      expect(kind).toBe('file');
      expect(answer!.notes).toEqual([expect.stringContaining('vmlinux.a')]);
    }
  });

  it('disassembles one function side by side within 120 columns', async () => {
    const { code, stdout } = await kbl(await testFolder(), [
      'diff',
      files.a,
      files.b,
      '--function',
      'schedule',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^schedule: /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('says what it needs when given a bzImage', async () => {
    const { code, stderr } = await kbl(await testFolder(), [
      'diff',
      testKernel('native').bzImage,
      files.b,
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('[compare-no-vmlinux]');
  });
});
