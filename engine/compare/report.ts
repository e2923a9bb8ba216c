/** A comparison as text, CSV, XLSX and JSON. */
export { reportRows, type ReportRow } from './report-rows.js';
export { diffCsv, diffCsvColumns, diffXlsx } from './report-files.js';
export {
  diffReport,
  sideBySideReport,
  type DiffReport,
  type SideBySideReport,
} from './report-json.js';
export { diffSummary, type SummaryOptions } from './report-text.js';
export { sideBySideText, type SideBySideOptions } from './side-by-side-text.js';
