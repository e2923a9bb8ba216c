import { defineError } from './lab-error.js';

/** Errors of comparison tables and their export. */
export const reportErrors = {
  noColumns: defineError<{ experiment: string }>(
    'report-no-columns',
    'usage',
    'an experiment whose plan boots nothing is compared or exported',
    ({ experiment }) => ({
      message: `experiment ${experiment} has nothing to compare: its plan boots no image`,
      hint: 'choose an experiment with at least one image: kbl experiments',
    }),
  ),
  unknownBaseline: defineError<{ baseline: string; columns: string[] }>(
    'report-unknown-baseline',
    'usage',
    'the baseline that was asked for is no column of the experiment',
    ({ baseline, columns }) => ({
      message: `no column is called ${JSON.stringify(baseline)}`,
      hint: `name one by label, label/environment or index: ${columns
        .map((name, index) => `${index} ${name}`)
        .join(', ')}`,
    }),
  ),
  badName: defineError<{ name: string }>(
    'report-bad-name',
    'usage',
    'an export is given a base name that is no plain file name',
    ({ name }) => ({
      message: `${JSON.stringify(name)} cannot be the name of the exported files`,
      hint: 'give a plain file name without "/", such as comparison',
    }),
  ),
  writeFailed: defineError<{ file: string; reason: string }>(
    'report-write-failed',
    'environment',
    'an exported file cannot be written (permissions, full disk, missing folder)',
    ({ file, reason }) => ({
      message: `cannot write the export: ${reason}`,
      place: { file },
      hint: 'check that the folder exists, is writable and has space left (df -h), then export again',
    }),
  ),
};
