import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reportErrors } from './errors/report.js';

/**
 * Writes a file completely or not at all, also when others write it at the same moment, in this
 * process or in another: under a name of its own beside it, synced, then renamed.
 * @throws the error of open(2), write(2) or rename(2)
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  // Short: a name may have 255 bytes.
  const unique = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const partial = join(dirname(file), `.${basename(file)}.${unique}`);
  try {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The same for a file of the user's. @throws report-write-failed */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await writeWhole(file, content).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw reportErrors.writeFailed({ file, reason }, cause);
  });
}
