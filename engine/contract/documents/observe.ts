import { z } from 'zod';
import { bootCommand } from './boot.js';
import { bytes, document, nullableText, sha256, wall } from './words.js';

const comparedBytes = z.strictObject({ size: bytes, changed: bytes });

export const observeDocument = document('observe', {
  image: z.strictObject({ file: z.string(), sha256, name: nullableText }),
  environment: z.string(),
  cpu: z.string().describe("QEMU's CPU model"),
  command: bootCommand,
  observation: z
    .strictObject({
      inputHash: sha256.describe('of everything that decides what the guest does'),
      cached: z.boolean().describe('the same was booted before, and found again'),
      exact: z
        .boolean()
        .describe(
          'the guest stopped between two instructions: a boot of the same inputs gives the same memory',
        ),
      start: z.string().describe('virtual address, hexadecimal'),
      size: bytes,
      physical: z.string().describe("where it was in the machine's memory, hexadecimal"),
      sha256: sha256.describe('of the memory'),
      emulator: z.string(),
      xen: nullableText,
      wall,
    })
    .nullable()
    .describe('null for --dry-run'),
  changes: z
    .strictObject({
      namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
      text: comparedBytes.describe('code that stays after boot'),
      constants: comparedBytes.describe('read-only data that stay after boot'),
      freed: bytes.describe('given back after boot, and not compared'),
      families: z.array(
        z.strictObject({
          family: z.string(),
          sites: z.int(),
          changed: z.int().describe('sites of which a byte changed'),
          changedBytes: bytes,
        }),
      ),
      unread: z
        .array(z.strictObject({ family: z.string(), why: z.string() }))
        .describe('families whose table was not understood'),
      direct: z
        .array(z.strictObject({ name: z.string(), writer: z.string(), changedBytes: bytes }))
        .describe('code that a function of the kernel rewrites by name'),
      owners: z
        .array(
          z.strictObject({
            kind: z.enum(['table', 'ro-after-init', 'unnamed', 'constant']),
            name: z.string(),
            changedBytes: bytes,
          }),
        )
        .describe('what changed constants belong to'),
      unexplained: z.strictObject({
        places: z.int(),
        bytes,
        first: z
          .array(
            z.strictObject({
              in: z.enum(['text', 'constants']),
              address: z.string(),
              place: z.string().describe('function+offset'),
              file: z.string().describe('bytes, hexadecimal'),
              memory: z.string(),
            }),
          )
          .describe('up to 1000, by address'),
      }),
    })
    .nullable()
    .describe('who changed what; null for --dry-run'),
});
