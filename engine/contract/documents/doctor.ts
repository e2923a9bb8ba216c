import { z } from 'zod';
import { bytes, document, nullableText } from './words.js';

const installCommands = z
  .strictObject({ debian: nullableText, fedora: nullableText, arch: nullableText })
  .describe('the command that installs it; null where no package has it');

const doctorCheck = z.strictObject({
  id: z.string(),
  required: z.boolean(),
  neededBy: z.string().describe('what cannot be done without it'),
  status: z.enum(['ok', 'warning', 'missing']),
  found: nullableText.describe('version, path or amount'),
  path: nullableText.describe('of a tool or file that was found'),
  chosenBy: nullableText.describe(
    'the environment variable that names it, or `bundle` for what came with the app; null for what is installed',
  ),
  advice: nullableText,
  install: installCommands.nullable().describe('null where nothing is to be installed'),
});

const doctorReport = z.strictObject({
  ok: z.boolean().describe('everything required is there'),
  system: z.strictObject({ name: z.string(), node: z.string(), cpus: z.int(), memory: bytes }),
  checks: z.array(doctorCheck),
  install: installCommands.describe('installs everything that is missing'),
});

export type DoctorCheck = z.infer<typeof doctorCheck>;
export type DoctorReport = z.infer<typeof doctorReport>;

export const doctorDocument = document('doctor', doctorReport.shape);
