import { madeAt } from './made-at.js';
import { neutralised } from './neutralise.js';
import { pagesAcross, shown, workbook } from './sheets.js';
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
    ['styles.xml', document('styles', pageStyles(sheets))],
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

/**
 * On paper: A4 across, as many pages as the rows need (`style:scale-to-X` and `Y`, as LibreOffice writes
 * them), with the sheet's name and page numbers. A layout and a master page for each number of pages across.
 */
function pageStyles(sheets: readonly Sheet[]): string {
  const numbers = [...new Set(sheets.map(pagesAcross))];
  const layouts = numbers.map((across) =>
    [
      `<style:page-layout style:name="layout${across}">`,
      `<style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" fo:margin="1cm" style:print-orientation="landscape" style:scale-to-X="${across}" style:scale-to-Y="0"/>`,
      '<style:footer-style><style:header-footer-properties fo:min-height="0.6cm" fo:margin-top="0.2cm"/></style:footer-style>',
      '</style:page-layout>',
    ].join(''),
  );
  const pages = numbers.map((across) =>
    [
      `<style:master-page style:name="${masterPage(across)}" style:page-layout-name="layout${across}"><style:footer>`,
      '<style:region-left><text:p><text:sheet-name>sheet</text:sheet-name></text:p></style:region-left>',
      '<style:region-right><text:p>page <text:page-number>1</text:page-number> of <text:page-count>1</text:page-count></text:p></style:region-right>',
      '</style:footer></style:master-page>',
    ].join(''),
  );
  return [
    '<office:styles/>',
    `<office:automatic-styles>${layouts.join('')}</office:automatic-styles>`,
    `<office:master-styles>${pages.join('')}</office:master-styles>`,
  ].join('');
}

function masterPage(across: number): string {
  return `across${across}`;
}

/** Cell styles `int`, `dec`, `pct`, `words`, `prose`, headers `head` and `headnum`, one column style a width. */
function content(sheets: readonly Sheet[]): string {
  const percent =
    '<number:number number:decimal-places="2" number:min-integer-digits="1"/><number:text>%</number:text>';
  const widths = new Set(sheets.flatMap((sheet) => sheet.columns.map((column) => column.width)));
  const styles = [
    ...[...widths].map(
      (width) =>
        `<style:style style:name="w${width}" style:family="table-column"><style:table-column-properties style:column-width="${(width * 0.21).toFixed(2)}cm"/></style:style>`,
    ),
    '<number:number-style style:name="nint"><number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/></number:number-style>',
    '<number:number-style style:name="ndec"><number:number number:decimal-places="1" number:min-integer-digits="1" number:grouping="true"/></number:number-style>',
    `<number:percentage-style style:name="nplus"><number:text>+</number:text>${percent}</number:percentage-style>`,
    `<number:percentage-style style:name="npct">${percent}<style:map style:condition="value()&gt;0" style:apply-style-name="nplus"/></number:percentage-style>`,
    ...[...new Set(sheets.map(pagesAcross))].map(
      (across) =>
        `<style:style style:name="table${across}" style:family="table" style:master-page-name="${masterPage(across)}"><style:table-properties table:display="true"/></style:style>`,
    ),
    cellStyle('int', 'nint'),
    cellStyle('dec', 'ndec'),
    cellStyle('pct', 'npct'),
    textStyle('words', 'no-wrap'),
    textStyle('prose', 'wrap'),
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
  return `<style:style style:name="${name}" style:family="table-cell" style:data-style-name="${dataStyle}"><style:table-cell-properties style:vertical-align="top"/></style:style>`;
}

/** Off the figures of the column before. */
const indent = '<style:paragraph-properties fo:text-align="start" fo:margin-left="0.15cm"/>';

function textStyle(name: string, wrap: 'wrap' | 'no-wrap'): string {
  return `<style:style style:name="${name}" style:family="table-cell"><style:table-cell-properties fo:wrap-option="${wrap}" style:vertical-align="top"/>${indent}</style:style>`;
}

function headStyle(name: string, align: 'start' | 'end'): string {
  return `<style:style style:name="${name}" style:family="table-cell"><style:table-cell-properties fo:background-color="#e8e8e8" fo:wrap-option="wrap" style:vertical-align="bottom"/>${align === 'start' ? indent : '<style:paragraph-properties fo:text-align="end"/>'}<style:text-properties fo:font-weight="bold"/></style:style>`;
}

function table(sheet: Sheet): string {
  const { name, columns, rows, notes } = sheet;
  const heads = columns.map(({ title, format }) =>
    textCell(title, format === 'text' ? 'head' : 'headnum'),
  );
  const tracks = columns.map(({ width }) => `<table:table-column table:style-name="w${width}"/>`);
  const line = (cells: string): string => `<table:table-row>${cells}</table:table-row>`;
  return [
    `<table:table table:name="${escaped(name)}" table:style-name="table${pagesAcross(sheet)}">`,
    // Both stand on every page.
    `<table:table-header-columns>${tracks[0] ?? ''}</table:table-header-columns>`,
    ...tracks.slice(1),
    `<table:table-header-rows>${line(heads.join(''))}</table:table-header-rows>`,
    ...rows.map((row) => line(row.map((value, i) => tableCell(value, columns[i])).join(''))),
    ...(notes.length === 0 ? [] : [line('<table:table-cell/>')]),
    ...notes.map((row) => line(row.map((value) => tableCell(value, undefined)).join(''))),
    '</table:table>',
  ].join('');
}

const styleNames: Record<ColumnFormat, string | undefined> = {
  text: undefined,
  integer: 'int',
  decimal: 'dec',
  percent: 'pct',
};

/** @param column undefined for a note */
function tableCell(value: SheetValue, column: SheetColumn | undefined): string {
  if (value === null) return '<table:table-cell/>';
  if (typeof value === 'string') {
    return textCell(value, column && (column.wraps ? 'prose' : 'words'));
  }
  const format = column?.format ?? 'text';
  const type = format === 'percent' ? 'percentage' : 'float';
  const name = styleNames[format];
  const style = name === undefined ? '' : ` table:style-name="${name}"`;
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
