import { z } from 'zod';
import { familyNames } from '../../patch/types.js';
import { bytes, nullableText, sha256 } from './words.js';

const settledTable = z
  .strictObject({
    calls: z.int().describe('calls at boot that became no-ops'),
    emptied: bytes.describe('of tables, that became zeros'),
    kept: z.int().describe('entries that the kernel goes on applying'),
  })
  .describe('how the table was put out of use');

export const resolvedFamily = z.strictObject({
  family: z.enum(familyNames),
  sites: z.int().describe("entries of the kernel's table"),
  changed: z.int().describe('sites whose bytes changed'),
  changedBytes: bytes,
  settled: settledTable.nullable().describe('null where the kernel goes on using it'),
  initial: z
    .array(z.string())
    .describe('keys and calls whose initial value changed with their sites'),
  left: z
    .array(z.string())
    .describe(
      'what was left to the kernel: members of pv_ops, keys and calls by name, else sites by place',
    ),
  leftBecause: nullableText.describe('why all of it was left to the kernel'),
});

export const patchRecord = z
  .strictObject({
    schema: z.literal(1),
    environment: z.string(),
    cpu: z.string().describe("QEMU's model"),
    observation: sha256.describe('input hash of the boot whose memory told what the kernel finds'),
    keepTables: z.boolean(),
    families: z.array(resolvedFamily),
    constants: z.array(
      z.strictObject({
        symbol: z.string(),
        value: z.string().describe('hexadecimal'),
        replaced: z.int().describe('loads that became immediates'),
        refused: z.int().describe('loads that did not'),
      }),
    ),
  })
  .describe('for which target the kernel was patched, and what became of each family');
