import { writeXlsx } from 'hucre/xlsx';
import type { NamedRange } from 'hucre';
import type { Cell, CellStyle, WriteSheet } from 'hucre/xlsx';
import { madeAt } from './made-at.js';
import { neutralised } from './neutralise.js';
import { pagesAcross, rowsBelow, workbook } from './sheets.js';
import type { ColumnFormat, Sheet, SheetValue } from './sheets.js';
import type { Comparison } from './types.js';

/**
 * The workbook as Office Open XML. The same comparison gives the same bytes:
 * its date is the experiment's, not the export's.
 */
export async function toXlsx(comparison: Comparison): Promise<Uint8Array> {
  return sheetsToXlsx(workbook(comparison), comparison.experiment.name, madeAt(comparison));
}

/** Any sheets as a workbook that says it was made at a time. */
export async function sheetsToXlsx(
  sheets: readonly Sheet[],
  title: string,
  made: Date,
): Promise<Uint8Array> {
  return writeXlsx({
    sheets: sheets.map(toWriteSheet),
    namedRanges: sheets.map(({ name }) => printTitles(name)),
    properties: { title: neutralised(title), created: made, modified: made },
  });
}

/** Number formats; text columns hold text cells and need none. */
const formats: Record<ColumnFormat, string | undefined> = {
  text: undefined,
  integer: '#,##0',
  decimal: '#,##0.0',
  percent: '+0.00%;-0.00%;0.00%',
};

const headerStyle: CellStyle = {
  font: { name: 'Calibri', size: 11, bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'E8E8E8' } },
  alignment: { wrapText: true, vertical: 'bottom' },
};

/** Off the figures of the column before. */
const text: CellStyle = { alignment: { horizontal: 'left', indent: 1, vertical: 'top' } };
const prose: CellStyle = { alignment: { ...text.alignment, wrapText: true } };
/** Beside prose of several lines. */
const figure = { vertical: 'top' } as const;
const note: CellStyle = { alignment: { wrapText: false } };

const lineHeight = 15;
const mostLines = 8;

/** On paper: as many pages as its rows need. */
const printed: NonNullable<WriteSheet['pageSetup']> = {
  ...{ paperSize: 'a4', orientation: 'landscape', fitToPage: true, fitToHeight: 0 },
  margins: { left: 0.4, right: 0.4, top: 0.5, bottom: 0.5, header: 0.2, footer: 0.2 },
};

/**
 * The header and the first column stand on every page. By the name that Excel reserves for it (ECMA-376-1,
 * 18.2.5), since the library's own setting does not quote a sheet's name that has blanks.
 */
function printTitles(sheet: string): NamedRange {
  const quoted = `'${sheet.replaceAll("'", "''")}'`;
  return { name: '_xlnm.Print_Titles', range: `${quoted}!$A:$A,${quoted}!$1:$1`, scope: sheet };
}

function toWriteSheet(sheet: Sheet): WriteSheet {
  const { name, columns, rows, notes } = sheet;
  const cells = new Map<string, Partial<Cell>>();
  columns.forEach(({ format }, column) => {
    const own = format === 'text' ? text.alignment : { horizontal: 'right' as const };
    const alignment = { ...headerStyle.alignment, ...own, vertical: 'bottom' as const };
    cells.set(`0,${column}`, { style: { ...headerStyle, alignment } });
  });
  // Below the header, the rows and an empty one.
  notes.forEach((cellsOfNote, index) =>
    cellsOfNote.forEach((_, column) => {
      cells.set(`${rows.length + 2 + index},${column}`, { style: note });
    }),
  );
  return {
    name,
    columns: columns.map(({ width, format, wraps }) => {
      const numFmt = formats[format];
      if (numFmt !== undefined) return { width, style: { numFmt, alignment: figure } };
      return { width, style: wraps ? prose : text };
    }),
    rows: [columns.map(({ title }) => title), ...rowsBelow(sheet)],
    cells,
    rowDefs: heights(sheet),
    freezePane: { rows: 1, columns: 1 },
    pageSetup: { ...printed, fitToWidth: pagesAcross(sheet) },
    headerFooter: { oddFooter: '&L&A&Rpage &P of &N' },
  };
}

/** Of rows that need more than a line: not every program finds out by itself. */
function heights({ columns, rows }: Sheet): Map<number, { height: number }> {
  const found = new Map<number, { height: number }>();
  const linesOf = (texts: readonly SheetValue[]): number =>
    texts.reduce<number>((most, value, index) => {
      const { width = Infinity, wraps = false } = columns[index] ?? {};
      const isLong = typeof value === 'string' && (wraps || texts === titles);
      // Words do not fill their lines.
      return isLong ? Math.max(most, Math.ceil((value.length * 1.3) / width)) : most;
    }, 1);
  const titles = columns.map(({ title }) => title);
  [titles, ...rows].forEach((texts, row) => {
    const lines = Math.min(linesOf(texts), mostLines);
    if (row === 0 || lines > 1) found.set(row, { height: lines * lineHeight });
  });
  return found;
}
