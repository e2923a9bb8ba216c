import type { FileUse } from '../../engine/contract/app/wire.js';
import { appErrors } from '../../engine/errors/app.js';

/**
 * Files that the user chose, by the tokens that the window names them with. What
 * was chosen to be read cannot be written, and the other way round: a window
 * gone wrong overwrites nobody's kernel.
 */
export class Grants {
  readonly #files = new Map<string, { path: string; use: FileUse }>();

  add(token: string, path: string, use: FileUse): void {
    this.#files.set(token, { path, use });
  }

  /** Path of a file or folder to read. @throws app-file-not-granted, app-file-other-use */
  toRead(token: string): string {
    return this.#path(token, 'read');
  }

  /** Path of a file to write. @throws app-file-not-granted, app-file-other-use */
  toWrite(token: string): string {
    return this.#path(token, 'write');
  }

  /** Path of a file that is tried for booting with it. @throws app-file-not-granted, app-file-other-use */
  toBoot(token: string): string {
    return this.#path(token, 'boot');
  }

  #path(token: string, use: FileUse): string {
    const file = this.#files.get(token);
    if (file === undefined) throw appErrors.fileNotGranted({});
    if (file.use !== use) throw appErrors.fileOtherUse({ chosen: file.use, asked: use });
    return file.path;
  }
}
