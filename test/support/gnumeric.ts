import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Gnumeric takes a cell for. Something else (a formula, an error, a date) is `other`. */
export interface ReadCell {
  type: 'number' | 'text' | 'other';
  text: string;
}

/** Sheets by name, each by row and column; empty cells are undefined. */
export type ReadBook = Map<string, (ReadCell | undefined)[][]>;

/** ValueType of a gnm:Cell (src/value.h, GnmValueType). A formula has none. */
const types: Readonly<Record<string, ReadCell['type']>> = {
  30: 'number',
  40: 'number',
  60: 'text',
};

/** A workbook as Gnumeric reads it: it tells by Gnumeric's own XML what it takes each cell for. */
export function readWithGnumeric(file: string): ReadBook {
  const folder = mkdtempSync(join(tmpdir(), 'kbl-gnumeric-'));
  try {
    const xml = join(folder, 'book.xml');
    execFileSync('ssconvert', ['-T', 'Gnumeric_XmlIO:sax:0', file, xml], { stdio: 'pipe' });
    return sheetsOf(readFileSync(xml, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sheetsOf(xml: string): ReadBook {
  const sheets = xml.matchAll(/<gnm:Sheet [^]*?<gnm:Name>([^<]*)<\/gnm:Name>([^]*?)<\/gnm:Sheet>/g);
  return new Map([...sheets].map(([, name, body]) => [plain(name!), rowsOf(body!)]));
}

function rowsOf(body: string): (ReadCell | undefined)[][] {
  const rows: ReadCell[][] = [];
  for (const [, attributes, text] of body.matchAll(/<gnm:Cell ([^>]*)>([^<]*)<\/gnm:Cell>/g)) {
    const of = (name: string): string =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(attributes!)?.[1] ?? '';
    const row = (rows[Number(of('Row'))] ??= []);
    row[Number(of('Col'))] = { type: types[of('ValueType')] ?? 'other', text: plain(text!) };
  }
  return Array.from(rows, (row: ReadCell[] | undefined) => row ?? []);
}

function plain(xml: string): string {
  const known: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
  };
  return xml.replace(/&(?:#(\d+)|(\w+));/g, (_, code?: string, name?: string) =>
    code === undefined ? (known[name!] ?? '') : String.fromCodePoint(Number(code)),
  );
}
