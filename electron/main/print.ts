import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BrowserWindow, dialog, type WebContents } from 'electron/main';

/**
 * Prints a window by its print style to a PDF that the user names. The name of
 * the file, or null when the user thought better of it.
 */
export async function printPdf(contents: WebContents, suggested: string): Promise<string | null> {
  const options = {
    defaultPath: basename(suggested),
    filters: [{ name: 'PDF', extensions: ['pdf'] }],
  };
  const window = BrowserWindow.fromWebContents(contents);
  const { filePath } = window
    ? await dialog.showSaveDialog(window, options)
    : await dialog.showSaveDialog(options);
  if (!filePath) return null;
  const pdf = await contents.printToPDF({
    pageSize: 'A4',
    landscape: true,
    printBackground: true,
    margins: { top: 0.4, bottom: 0.4, left: 0.4, right: 0.4 },
  });
  const partial = `${filePath}.${process.pid}`;
  try {
    await writeFile(partial, pdf);
    await rename(partial, filePath);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return basename(filePath);
}
