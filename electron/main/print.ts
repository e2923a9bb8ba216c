import type { WebContents } from 'electron/main';
import { saveAs } from './save.js';

/** A page of its own to Chromium: it has no style but this. */
const pageNumber =
  '<div style="font: 7pt sans-serif; color: #59606d; width: 100%; padding: 0 0.4in; text-align: right">' +
  '<span class="pageNumber"></span> of <span class="totalPages"></span></div>';

/**
 * Prints a window by its print style to a PDF that the user names. The name of
 * the file, or null when the user thought better of it.
 */
export function printPdf(contents: WebContents, suggested: string): Promise<string | null> {
  const choice = { suggested, filters: [{ name: 'PDF', extensions: ['pdf'] }] };
  return saveAs(contents, choice, () =>
    contents.printToPDF({
      pageSize: 'A4',
      landscape: true,
      printBackground: true,
      margins: { top: 0.4, bottom: 0.4, left: 0.4, right: 0.4 },
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: pageNumber,
    }),
  );
}
