/**
 * Text cells of CSV, XLSX and ODS. Spreadsheets take a text that starts with
 * one of these (or their full-width forms, in some locales) for a formula when
 * it is imported or pasted: OWASP, "CSV Injection". Leading blanks do not help,
 * since some programs trim them.
 */
// eslint-disable-next-line no-control-regex -- tab, carriage return and NUL are on the list
const formulaLike = /^[ \u00a0]*[=+\-@|\t\r\n\u0000\uff1d\uff0b\uff0d\uff20]/u;

/** Names of error values, which a writer of XLSX may store as the error itself. */
const errorLike = /^#[A-Z/0_]+[!?A]?$/u;

/** Characters that XML 1.0 cannot hold (section 2.2) and no reader of CSV expects. */
// eslint-disable-next-line no-control-regex -- as above
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff\p{Cs}]/gu;

/** What a cell of Excel can hold, less room for the apostrophe and the mark of the cut. */
const longest = 32_000;

/**
 * Makes text safe to be a cell: an apostrophe before what could be read as a
 * formula, U+FFFD for what no file format can hold, and a visible cut of what
 * is longer than a cell.
 */
export function neutralised(text: string): string {
  const kept = text.length <= longest ? text : `${text.slice(0, longest)}… (cut)`;
  const clean = kept.replace(unprintable, '\ufffd').replace(/\r\n?/g, '\n');
  return formulaLike.test(text) || errorLike.test(text) ? `'${clean}` : clean;
}
