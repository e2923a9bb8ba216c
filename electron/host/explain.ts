import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorBody } from '../../engine/contract/app/jobs.js';
import { appErrors } from '../../engine/errors/app.js';
import { errorBodyOf } from '../../engine/errors/error-body.js';
import { LabError } from '../../engine/errors/lab-error.js';
import { fileLogger } from '../../engine/workspace/log.js';

/**
 * The body of an error for the window. One that is not of the catalogue is a
 * bug: its stack goes to the workspace's log, the user gets its message.
 */
export function explain(error: unknown, home: string): ErrorBody {
  if (error instanceof LabError) return errorBodyOf(error);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const log = join(home, 'log', 'kbl.log');
  try {
    mkdirSync(join(home, 'log'), { recursive: true });
  } catch {
    // The logger then writes nothing; the message still says what happened.
  }
  fileLogger(log).error(`bug: ${message}`, { stack });
  return errorBodyOf(appErrors.bug({ message, log }));
}
