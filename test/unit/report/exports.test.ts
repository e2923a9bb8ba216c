import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOds } from 'hucre/ods';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compare } from '../../../engine/report/comparison.js';
import { csvColumns, toCsv } from '../../../engine/report/csv.js';
import { exportAll } from '../../../engine/report/export.js';
import { toDocument, toJson } from '../../../engine/report/json.js';
import { toMarkdown } from '../../../engine/report/markdown.js';
import { neutralised } from '../../../engine/report/neutralise.js';
import { toOds } from '../../../engine/report/ods.js';
import { comparisonDocument } from '../../../engine/report/schema.js';
import { toXlsx } from '../../../engine/report/xlsx.js';
import type { Comparison } from '../../../engine/report/types.js';
import { digest, standard } from './fixture.js';
import { checkXml, parseCsv, unzip } from './readers.js';
import { hostileLabels, troubled } from './troubled.js';

const hostile = (label: string): Comparison => {
  const input = standard();
  input.experiment.name = label;
  input.experiment.plan.cells[1]!.label = label;
  input.runs[3]!.evidence = label;
  input.runs[3]!.argv = [label];
  return compare(input);
};

describe('CSV', () => {
  it('has one row a cell and workload, with numbers as numbers', () => {
    const [header, ...rows] = parseCsv(toCsv(compare(standard())));
    expect(header).toEqual([...csvColumns]);
    expect(rows).toHaveLength(5 * (14 + 3));
    expect(rows.every((row) => row.length === csvColumns.length)).toBe(true);
    expect(rows[2]?.slice(0, 5)).toEqual(['standard', 'workload', 'null', 'xen', 'xen-pv-dom0']);
    expect(rows[2]?.slice(7, 20)).toEqual(
      'instructions per operation,979,9,288,682,mode,979,981.75,3692,1000,3,native/bare,776'.split(
        ',',
      ),
    );
    const memory = rows.find((row) => row[2] === 'MemTotal' && row[3] === 'xen');
    expect(memory?.[csvColumns.indexOf('delta')]).toBe('-2128');
    expect(memory?.[csvColumns.indexOf('detail')]).toMatch(/^Memory: 479108K/);
  });

  it('says what failed, disagrees and was not run', async () => {
    await expect(toCsv(compare(troubled()))).toMatchFileSnapshot('golden/troubled-csv.txt');
  });

  it.each(hostileLabels)('%j is text in its own field', (label) => {
    const rows = parseCsv(toCsv(hostile(label)));
    expect(rows[2]?.[csvColumns.indexOf('label')]).toBe(neutralised(label));
    expect(rows.flat().filter((field) => /^[=+@\t\r\0]/.test(field))).toEqual([]);
  });
});

describe('JSON', () => {
  it('follows its schema and gives every cell what it needs to stand alone', () => {
    const document = comparisonDocument.parse(JSON.parse(toJson(compare(standard()))));
    expect(document.cells).toHaveLength(5 * 14);
    expect(document.cells[2]).toEqual({
      column: 2,
      label: 'xen',
      environment: 'xen-pv-dom0',
      flavour: 'xen',
      sha256: digest('b'),
      workload: 'null',
      state: 'measured',
      outcome: null,
      instructions: { total: 979, user: 9, kernel: 288, hypervisor: 682 },
      statistic: 'mode',
      spread: {
        minimum: 979,
        mean: 981.75,
        maximum: 3692,
        iterations: 1000,
        disturbed: 3,
        differs: false,
      },
      baseline: { delta: 776, percent: (776 / 203) * 100 },
      disagreement: null,
    });
    expect(document.boot[1]).toMatchObject({ memTotalKiB: { value: 479_108 } });
    expect(document.runs[6]).toMatchObject({ id: 7, column: 2, versions: { xen: '4.17.5' } });
  });

  it('has null for what is not there', () => {
    const document = comparisonDocument.parse(toDocument(compare(troubled())));
    const find = (workload: string, column: number) =>
      document.cells.find((cell) => cell.workload === workload && cell.column === column);
    expect(find('null', 1)?.baseline).toEqual({ delta: 205, percent: null });
    expect(find('read', 1)).toMatchObject({
      state: 'disagrees',
      instructions: null,
      disagreement: [{ value: 430 }, { value: 432 }, { value: 430 }],
    });
    expect(find('read', 4)).toMatchObject({
      state: 'failed',
      outcome: 'kernel-panic',
      spread: null,
    });
  });
});

describe('Markdown', () => {
  it('is what it was', async () => {
    await expect(toMarkdown(compare(troubled()))).toMatchFileSnapshot(
      'golden/troubled-markdown.txt',
    );
  });

  it.each(hostileLabels)('%j does not break a table', (label) => {
    const lines = toMarkdown(hostile(label)).split('\n');
    const rows = lines.filter((line) => /^\| (workload|null|read) /.test(line));
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    const outsideFences = lines.join('\n').replace(/^```[^]*?^```$/gm, '');
    expect(outsideFences.includes('<b>')).toBe(false);
  });
});

describe('XLSX', () => {
  it('has typed numbers, percentages, a frozen header and widths', async () => {
    const parts = unzip(await toXlsx(compare(standard())));
    for (const [name, xml] of parts) if (/\.(xml|rels)$/.test(name)) checkXml(xml);
    expect(
      [...(parts.get('xl/workbook.xml') ?? '').matchAll(/<sheet name="([^"]*)"/g)].map((m) => m[1]),
    ).toEqual(['Comparison', 'Boot and memory', 'Measurements', 'How it was run']);
    const sheet = parts.get('xl/worksheets/sheet1.xml') ?? '';
    expect(sheet).toContain('<pane xSplit="1" ySplit="1" topLeftCell="B2" state="frozen"');
    const cell = (at: string): RegExpExecArray | null =>
      new RegExp(`<c r="${at}" s="(\\d+)"><v>([^<]*)</v></c>`).exec(sheet);
    expect([cell('B2')?.[2], cell('C2')?.[2], cell('D2')?.[2]]).toEqual(['203', '205', '2']);
    expect(Number(cell('E2')?.[2])).toBeCloseTo(2 / 203, 12);
    const styles = parts.get('xl/styles.xml') ?? '';
    const formats = [...styles.matchAll(/<xf numFmtId="(\d+)"[^>]*xfId/g)].map((match) => match[1]);
    const percent = /numFmtId="(\d+)" formatCode="\+0\.00%/.exec(styles)?.[1];
    expect(formats[Number(cell('E2')?.[1])]).toBe(percent);
    const strings = parts.get('xl/sharedStrings.xml');
    expect(strings).toContain('xen/bare: instructions per operation');
    expect(strings).toContain('emulated, not comparable with hardware');
  });

  it('prints across A4, with the header and the first column on every page', async () => {
    const parts = unzip(await toXlsx(compare(standard())));
    const setups = ['1', '2', '3', '4'].map(
      (number) => /<pageSetup[^>]*>/.exec(parts.get(`xl/worksheets/sheet${number}.xml`) ?? '')?.[0],
    );
    for (const setup of setups) {
      expect(setup).toContain('orientation="landscape"');
      expect(setup).toContain('fitToHeight="0"');
    }
    expect(setups[0]).toContain('fitToWidth="1"');
    const workbook = parts.get('xl/workbook.xml') ?? '';
    const titles = [...workbook.matchAll(/_xlnm\.Print_Titles" localSheetId="(\d)">([^<]*)</g)];
    expect(titles.map(([, sheet, range]) => [sheet, range])).toEqual(
      ['Comparison', 'Boot and memory', 'Measurements', 'How it was run'].map((name, sheet) => [
        String(sheet),
        `'${name}'!$A:$A,'${name}'!$1:$1`,
      ]),
    );
  });

  it('is the same bytes for the same comparison', async () => {
    const [first, second] = [await toXlsx(compare(standard())), await toXlsx(compare(standard()))];
    expect(Buffer.from(first).equals(second)).toBe(true);
  });

  it.each(hostileLabels)('%j is neither formula nor error', async (label) => {
    const parts = unzip(await toXlsx(hostile(label)));
    for (const [name, xml] of parts) {
      if (/\.(xml|rels)$/.test(name)) checkXml(xml);
      if (name.includes('worksheets/')) expect(/<f[ >]|t="e"/.exec(xml)).toBeNull();
    }
    const texts = parts.get('xl/sharedStrings.xml')!.matchAll(/<t(?: [^>]*)?>([^<]*)</g);
    expect([...texts].map(([, text]) => text).filter((text) => /^ *[=+\-@＝]/.test(text!))).toEqual(
      [],
    );
  });
});

describe('ODS', () => {
  it("reads back with a library's reader, which leaves out header rows", async () => {
    const book = await readOds(toOds(compare(standard())));
    expect(book.sheets.map((sheet) => sheet.name)).toEqual([
      'Comparison',
      'Boot and memory',
      'Measurements',
      'How it was run',
    ]);
    expect(book.sheets[0]?.rows[0]?.slice(0, 4)).toEqual(['null', 203, 205, 2]);
    expect(book.sheets[0]?.rows[0]?.[4]).toBeCloseTo(2 / 203, 12);
    expect(book.sheets[2]?.rows).toHaveLength(15 * 14);
    expect(book.sheets[1]?.rows[1]?.[7]).toBeCloseTo(-2128 / 481_236, 12);
  });

  it('has its type first, percentage cells and frozen panes', () => {
    const bytes = toOds(compare(standard()));
    expect(Buffer.from(bytes).toString('latin1', 30, 84)).toBe(
      'mimetypeapplication/vnd.oasis.opendocument.spreadsheet',
    );
    const parts = unzip(bytes);
    expect(parts.get('content.xml')).toMatch(
      /table:style-name="pct" office:value-type="percentage" office:value="0\.0098/,
    );
    expect(parts.get('settings.xml')!.match(/"VerticalSplitMode"[^>]*>2</g)).toHaveLength(4);
  });

  it('prints across A4, with the header and the first column on every page', () => {
    const parts = unzip(toOds(compare(standard())));
    const styles = parts.get('styles.xml') ?? '';
    expect(styles).toContain('style:print-orientation="landscape" style:scale-to-X="1"');
    const content = parts.get('content.xml') ?? '';
    expect(content.match(/<table:table-header-rows>/g)).toHaveLength(4);
    expect(content.match(/<table:table-header-columns>/g)).toHaveLength(4);
    for (const [, page] of content.matchAll(/style:master-page-name="([^"]*)"/g)) {
      expect(styles).toContain(`<style:master-page style:name="${page}"`);
    }
  });

  it.each(hostileLabels)('%j is no formula', (label) => {
    const parts = unzip(toOds(hostile(label)));
    for (const [name, xml] of parts) if (name.endsWith('.xml')) checkXml(xml);
    const content = parts.get('content.xml') ?? '';
    expect(content.includes('table:formula')).toBe(false);
    const texts = content.matchAll(/value-type="string"><text:p>(?:<[^>]*>)*([^<]*)/g);
    expect([...texts].map(([, text]) => text).filter((text) => /^[=+\-@＝]/.test(text!))).toEqual(
      [],
    );
  });
});

describe('exportAll', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kbl-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes five files and leaves nothing else', async () => {
    writeFileSync(path.join(folder, 'comparison.csv'), 'old');
    const paths = await exportAll(compare(standard()), folder);
    const names = [
      'comparison.csv',
      'comparison.xlsx',
      'comparison.ods',
      'comparison.json',
      'comparison.md',
    ];
    expect(paths).toEqual(names.map((name) => path.join(folder, name)));
    expect(readdirSync(folder).sort()).toEqual([...names].sort());
    expect(readFileSync(paths[0]!, 'utf8')).toBe(toCsv(compare(standard())));
  });

  it.each(['', '.', '..', '../x', 'a/b', '.hidden', 'a\0b', 'x'.repeat(300)])(
    'refuses the name %j',
    async (name) => {
      await expect(exportAll(compare(standard()), folder, name)).rejects.toMatchObject({
        code: 'report-bad-name',
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('says which file it could not write', async () => {
    const gone = path.join(folder, 'gone');
    await expect(exportAll(compare(standard()), gone)).rejects.toMatchObject({
      code: 'report-write-failed',
      place: { file: path.join(gone, 'comparison.csv') },
    });
  });
});
