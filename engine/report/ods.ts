import { madeAt } from './made-at.js';
import { neutralised } from './neutralise.js';
import { shown, workbook } from './sheets.js';
import type { ColumnFormat, Sheet, SheetColumn, SheetValue } from './sheets.js';
import type { Comparison } from './types.js';
import { zip } from './zip.js';

/**
 * The workbook as OpenDocument 1.2 spreadsheet. Written here and not by the
 * library that writes XLSX, since that one knows neither column widths nor
 * frozen panes nor percentage cells in ODS. Frozen panes are view settings, in
 * the form that LibreOffice writes (`settings.xml`, `ooo:view-settings`).
 */
export function toOds(comparison: Comparison): Uint8Array {
  const sheets = workbook(comparison);
  const parts: [path: string, xml: string][] = [
    ['META-INF/manifest.xml', manifest()],
    ['content.xml', content(sheets)],
    ['styles.xml', document('styles', '<office:styles/>')],
    ['settings.xml', document('settings', settings(sheets))],
    ['meta.xml', document('meta', meta(comparison))],
  ];
  const encoder = new TextEncoder();
  return zip([
    { path: 'mimetype', bytes: encoder.encode(mimeType), stored: true },
    ...parts.map(([path, xml]) => ({ path, bytes: encoder.encode(declaration + xml) })),
  ]);
}

const mimeType = 'application/vnd.oasis.opendocument.spreadsheet';
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const oasis = 'urn:oasis:names:tc:opendocument:xmlns';
const namespaces = [
  ...['office', 'table', 'text', 'style', 'meta', 'config'].map((name) => [
    name,
    `${oasis}:${name}:1.0`,
  ]),
  ['number', `${oasis}:datastyle:1.0`],
  ['fo', `${oasis}:xsl-fo-compatible:1.0`],
  ['dc', 'http://purl.org/dc/elements/1.1/'],
  ['ooo', 'http://openoffice.org/2004/office'],
];

function document(root: string, body: string): string {
  const attributes = namespaces.map(([name, uri]) => ` xmlns:${name}="${uri}"`).join('');
  return `<office:document-${root}${attributes} office:version="1.2">${body}</office:document-${root}>`;
}

function manifest(): string {
  const entry = (path: string, type: string): string =>
    `<manifest:file-entry manifest:full-path="${path}" manifest:media-type="${type}"/>`;
  const files = ['content.xml', 'styles.xml', 'settings.xml', 'meta.xml'];
  return `<manifest:manifest xmlns:manifest="${oasis}:manifest:1.0" manifest:version="1.2">${[
    entry('/', mimeType),
    ...files.map((file) => entry(file, 'text/xml')),
  ].join('')}</manifest:manifest>`;
}

function meta(comparison: Comparison): string {
  const made = madeAt(comparison).toISOString().slice(0, 19);
  const title = escaped(neutralised(comparison.experiment.name));
  return `<office:meta><dc:title>${title}</dc:title><dc:date>${made}Z</dc:date></office:meta>`;
}

/** Cell styles `int`, `dec`, `pct`, headers `head` and `headnum`, one column style a width. */
function content(sheets: readonly Sheet[]): string {
  const widths = new Set(sheets.flatMap((sheet) => sheet.columns.map((column) => column.width)));
  const styles = [
    ...[...widths].map(
      (width) =>
        `<style:style style:name="w${width}" style:family="table-column"><style:table-column-properties style:column-width="${(width * 0.21).toFixed(2)}cm"/></style:style>`,
    ),
    '<number:number-style style:name="nint"><number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/></number:number-style>',
    '<number:number-style style:name="ndec"><number:number number:decimal-places="1" number:min-integer-digits="1" number:grouping="true"/></number:number-style>',
    '<number:percentage-style style:name="npct"><number:number number:decimal-places="2" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>',
    cellStyle('int', 'nint'),
    cellStyle('dec', 'ndec'),
    cellStyle('pct', 'npct'),
    headStyle('head', 'start'),
    headStyle('headnum', 'end'),
  ].join('');
  const body = sheets.map(table).join('');
  return document(
    'content',
    `<office:automatic-styles>${styles}</office:automatic-styles><office:body><office:spreadsheet>${body}</office:spreadsheet></office:body>`,
  );
}

function cellStyle(name: string, dataStyle: string): string {
  return `<style:style style:name="${name}" style:family="table-cell" style:data-style-name="${dataStyle}"/>`;
}

function headStyle(name: string, align: 'start' | 'end'): string {
  return `<style:style style:name="${name}" style:family="table-cell"><style:table-cell-properties fo:background-color="#e8e8e8" fo:wrap-option="wrap" style:vertical-align="bottom"/><style:paragraph-properties fo:text-align="${align}"/><style:text-properties fo:font-weight="bold"/></style:style>`;
}

function table({ name, columns, rows }: Sheet): string {
  const heads = columns.map(({ title, format }) =>
    textCell(title, format === 'text' ? 'head' : 'headnum'),
  );
  return [
    `<table:table table:name="${escaped(name)}">`,
    ...columns.map(({ width }) => `<table:table-column table:style-name="w${width}"/>`),
    `<table:table-row>${heads.join('')}</table:table-row>`,
    ...rows.map((row) => `<table:table-row>${tableCells(row, columns)}</table:table-row>`),
    '</table:table>',
  ].join('');
}

const styleNames: Record<ColumnFormat, string> = {
  text: '',
  integer: 'int',
  decimal: 'dec',
  percent: 'pct',
};

function tableCells(row: readonly SheetValue[], columns: readonly SheetColumn[]): string {
  if (row.length === 0) return '<table:table-cell/>';
  return row.map((value, index) => tableCell(value, columns[index]?.format ?? 'text')).join('');
}

function tableCell(value: SheetValue, format: ColumnFormat): string {
  if (value === null) return '<table:table-cell/>';
  if (typeof value === 'string') return textCell(value, undefined);
  const type = format === 'percent' ? 'percentage' : 'float';
  const style = format === 'text' ? '' : ` table:style-name="${styleNames[format]}"`;
  return `<table:table-cell${style} office:value-type="${type}" office:value="${value}"><text:p>${shown(value, format)}</text:p></table:table-cell>`;
}

function textCell(text: string, style: string | undefined): string {
  const styled = style === undefined ? '' : ` table:style-name="${style}"`;
  const paragraphs = text.split('\n').map((line) => `<text:p>${spaced(escaped(line))}</text:p>`);
  return `<table:table-cell${styled} office:value-type="string">${paragraphs.join('')}</table:table-cell>`;
}

/** ODF 1.2 part 1, 6.1.2: blanks collapse unless they are elements. */
function spaced(xml: string): string {
  return xml
    .replaceAll('\t', '<text:tab/>')
    .replace(/^ | {2,}| $/g, (blanks) => `<text:s text:c="${blanks.length}"/>`);
}

/** Header row and first column frozen in every sheet (split mode 2 is "freeze"). */
function settings(sheets: readonly Sheet[]): string {
  const item = (name: string, type: string, value: number): string =>
    `<config:config-item config:name="${name}" config:type="${type}">${value}</config:config-item>`;
  const tables = sheets.map(({ name }) =>
    [
      `<config:config-item-map-entry config:name="${escaped(name)}">`,
      item('HorizontalSplitMode', 'short', 2),
      item('VerticalSplitMode', 'short', 2),
      item('HorizontalSplitPosition', 'int', 1),
      item('VerticalSplitPosition', 'int', 1),
      item('ActiveSplitRange', 'short', 3),
      item('PositionRight', 'int', 1),
      item('PositionBottom', 'int', 1),
      '</config:config-item-map-entry>',
    ].join(''),
  );
  return [
    '<office:settings><config:config-item-set config:name="ooo:view-settings">',
    '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>',
    '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>',
    `<config:config-item-map-named config:name="Tables">${tables.join('')}</config:config-item-map-named>`,
    '</config:config-item-map-entry></config:config-item-map-indexed>',
    '</config:config-item-set></office:settings>',
  ].join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
