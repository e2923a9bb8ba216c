import { appErrors } from '../../engine/errors/app.js';

/** Files that the user chose, by the tokens that the window names them with. */
export class Grants {
  readonly #paths = new Map<string, string>();

  add(token: string, path: string): void {
    this.#paths.set(token, path);
  }

  /** @throws app-file-not-granted */
  path(token: string): string {
    const path = this.#paths.get(token);
    if (path === undefined) throw appErrors.fileNotGranted({});
    return path;
  }
}
