import { databaseErrors } from '../engine/errors/database.js';
import type { Milliseconds } from '../engine/units.js';

/** Name of an SQLite result code, as the driver puts it on its errors. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

/**
 * The catalogue's error for what a user can act on; any other comes back as it
 * is, for it is a bug. Codes: https://sqlite.org/rescode.html
 */
export function catalogued(error: Error, file: string, waited: Milliseconds): Error {
  switch (codeOf(error)) {
    case 'SQLITE_BUSY':
      return databaseErrors.busy({ file, seconds: waited / 1000 }, error);
    case 'SQLITE_FULL':
      return databaseErrors.full({ file }, error);
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return databaseErrors.damaged({ file, detail: error.message }, error);
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'SQLITE_IOERR':
    case 'SQLITE_PROTOCOL':
    case 'SQLITE_NOLFS':
      return databaseErrors.unwritable({ file, detail: error.message }, error);
    default:
      return error;
  }
}
