import { z } from 'zod';
import { document, nullableText, sha256, wall } from './words.js';

export const bootCommand = z.strictObject({
  program: z.string(),
  argv: z.array(z.string()),
  kernelCommandLine: z.string(),
  xenCommandLine: nullableText,
});

export const bootDocument = document('boot', {
  image: z.strictObject({ file: z.string(), sha256: sha256.nullable(), name: nullableText }),
  environment: z.string(),
  command: bootCommand,
  result: z
    .strictObject({ outcome: z.string(), evidence: z.string(), wall })
    .nullable()
    .describe('null for --dry-run'),
});

export const commandsDocument = document('commands', {
  commands: z.array(
    z.strictObject({ label: z.string(), environment: z.string(), command: bootCommand }),
  ),
});
