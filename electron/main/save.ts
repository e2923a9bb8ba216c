import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BrowserWindow, dialog, type FileFilter, type WebContents } from 'electron/main';

/**
 * Asks where something is to be saved, makes it, and writes it there whole or not at all.
 * The name of the file, or null when the user thought better of it.
 */
export async function saveAs(
  contents: WebContents,
  { suggested, filters = [] }: { suggested: string; filters?: FileFilter[] },
  make: () => Promise<Uint8Array> | string,
): Promise<string | null> {
  // The user's folder and this name: no path of the window's choosing.
  const options = { defaultPath: basename(suggested), filters };
  const window = BrowserWindow.fromWebContents(contents);
  const { filePath } = window
    ? await dialog.showSaveDialog(window, options)
    : await dialog.showSaveDialog(options);
  if (!filePath) return null;
  const partial = `${filePath}.${process.pid}`;
  try {
    await writeFile(partial, await make());
    await rename(partial, filePath);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return basename(filePath);
}
