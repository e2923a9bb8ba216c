import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sitesDocument } from '../../../engine/contract.js';
import { buildBzImage, gzipPayload } from '../../support/bzimage-builder.js';
import { ByteWriter, buildElf, symbolTable } from '../../support/elf-builder.js';
import { kbl } from '../../support/kbl.js';
import { testFolder } from '../../support/test-folder.js';

const textAt = 0xffffffff81000000n;
const dataAt = textAt + 0x10_0000n;
const tableAt = textAt + 0x20_0000n;

/** A kernel with one static key: `f` is a jump over its only instruction. */
async function oneKey(jump = [0xeb, 0x01]): Promise<{ home: string; words: string[] }> {
  const folder = await testFolder();
  const table = new ByteWriter()
    .uint(BigInt.asUintN(32, textAt - tableAt), 4)
    .uint(BigInt.asUintN(32, textAt + 3n - tableAt - 4n), 4)
    .uint(BigInt.asUintN(64, dataAt - tableAt - 8n), 8)
    .done();
  const { symtab, strtab } = symbolTable([
    { name: 'f', value: textAt, size: 4, info: 0x12 },
    { name: 'my_key', value: dataAt, size: 16, info: 0x11, section: 2 },
  ]);
  const code = Uint8Array.from([...jump, 0x90, 0xc3, ...new Array<number>(60).fill(0xcc)]);
  const vmlinux = buildElf({
    sections: [
      { name: '.text', type: 1, data: code, flags: 6n, address: textAt },
      { name: '.data', type: 1, data: new Uint8Array(64), flags: 3n, address: dataAt },
      { name: '__jump_table', type: 1, data: table, flags: 3n, address: tableAt },
      { name: '.symtab', type: 2, data: symtab, link: 5, entrySize: 24 },
      { name: '.strtab', type: 3, data: strtab },
    ],
    segments: [{ type: 1, section: '.text', physicalAddress: 0x1000000n }],
  });
  const [file, symbols] = [join(folder, 'bzImage'), join(folder, 'vmlinux')];
  await writeFile(file, buildBzImage({ payload: gzipPayload(vmlinux), kernelVersion: '6.1.0 #1' }));
  await writeFile(symbols, vmlinux);
  return { home: join(folder, 'home'), words: ['sites', file, '--vmlinux', symbols] };
}

describe('kbl sites', () => {
  it('counts families, and names sites and what decides', async () => {
    const { home, words } = await oneKey();
    const { code, stdout, stderr } = await kbl(home, words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^static-key +1 +1 +2 +1 +0$/m);
    expect(stdout).toMatch(/^ffffffff81000000 +f +static-key +eb01 +jmp f\+0x3 +my_key$/m);
  });

  it('answers with --json, and writes every row as CSV', async () => {
    const { home, words } = await oneKey();
    const csv = join(home, '..', 'sites.csv');
    const { stdout } = await kbl(home, [...words, '--csv', csv, '--json']);
    const document = sitesDocument.parse(JSON.parse(stdout));
    expect(document).toMatchObject({
      ...{ kernelVersion: '6.1.0', namesFrom: 'symbols', target: null, rowsLeft: 0, files: [csv] },
      rows: [{ place: 'f', family: 'static-key', subject: 'my_key', bytes: 'eb01', after: null }],
    });
    const [head, row] = (await readFile(csv, 'utf8')).split('\r\n');
    expect(head).toMatch(/^address,place,family,subject,bytes,/);
    expect(row).toBe('ffffffff81000000,f,static-key,my_key,eb01,jmp f+0x3,yes,,,');
  });

  it('lists a function side by side, and says which names are similar', async () => {
    const { home, words } = await oneKey();
    const { stdout } = await kbl(home, [...words, '--function', 'f']);
    expect(stdout).toMatch(/^f: ffffffff81000000, 4 bytes$/m);
    expect(stdout).toMatch(/^ +0 {2}jmp \+0x3 +\| static-key my_key$/m);
    expect(stdout).toMatch(/^ +3 {2}ret$/m);
    const unknown = await kbl(home, [...words, '--function', 'g']);
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('[patch-function-unknown]');
  });

  it('refuses a site that holds something else, with its address', async () => {
    const { home, words } = await oneKey([0xeb, 0x02]);
    const { code, stderr } = await kbl(home, words);
    expect(code).toBe(3);
    expect(stderr).toContain('[patch-shape-unknown]');
    expect(stderr).toContain('ffffffff81000000');
  });

  it.each<[string[]]>([
    [['--cpu', 'max']],
    [['--discover', '--function', 'f']],
    [['--family', 'keys']],
  ])('refuses what makes no sense: %s', async (more) => {
    const { home, words } = await oneKey();
    expect((await kbl(home, [...words, ...more])).stderr).toContain('[cli-usage]');
  });
});
