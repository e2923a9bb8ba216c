import { defineError } from './lab-error.js';

/** Errors that belong to no single room. */
export const commonErrors = {
  cancelled: defineError<{ what: string; hint?: string | undefined }>(
    'cancelled',
    'interrupted',
    'the user cancelled a running job (Ctrl-C, or the Cancel button)',
    ({ what, hint = 'start it again to go on' }) => ({
      message: `${what} was cancelled`,
      hint,
    }),
  ),
  fileMissing: defineError<{ file: string; what: string }>(
    'file-missing',
    'input',
    'a file named on the command line does not exist or cannot be read',
    ({ file, what }) => ({
      message: `cannot read ${what}`,
      place: { file },
      hint: 'check the path and its permissions',
    }),
  ),
};
