import { writeXlsx } from 'hucre/xlsx';
import type { Cell, CellStyle, WriteSheet } from 'hucre/xlsx';
import { madeAt } from './made-at.js';
import { neutralised } from './neutralise.js';
import { workbook } from './sheets.js';
import type { ColumnFormat, Sheet } from './sheets.js';
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
  font: { bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'E8E8E8' } },
  alignment: { wrapText: true, vertical: 'bottom' },
};

const lineHeight = 15;

function toWriteSheet(sheet: Sheet): WriteSheet {
  const cells = new Map<string, Partial<Cell>>();
  let lines = 1;
  sheet.columns.forEach(({ format, title, width }, index) => {
    const horizontal = format === 'text' ? 'left' : 'right';
    const alignment = { ...headerStyle.alignment, horizontal } as const;
    cells.set(`0,${index}`, { style: { ...headerStyle, alignment } });
    lines = Math.max(lines, Math.ceil((title.length * 1.3) / width));
  });
  return {
    name: sheet.name,
    columns: sheet.columns.map(({ width, format }) => {
      const numFmt = formats[format];
      return numFmt === undefined ? { width } : { width, numFmt };
    }),
    rows: [sheet.columns.map((column) => column.title), ...sheet.rows],
    cells,
    rowDefs: new Map([[0, { height: Math.min(lines, 6) * lineHeight }]]),
    freezePane: { rows: 1, columns: 1 },
  };
}
