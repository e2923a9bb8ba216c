import { defineError } from './lab-error.js';

/** Errors of the command line itself. */
export const cliErrors = {
  usage: defineError<{ trouble: string; verb: string | undefined }>(
    'cli-usage',
    'usage',
    'a verb, option or argument of `kbl` does not exist, is missing, or has a value it cannot have',
    ({ trouble, verb }) => ({
      message: trouble,
      hint: `see kbl ${verb === undefined ? '' : `${verb} `}--help`,
    }),
  ),
};
