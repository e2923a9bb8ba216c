import { z } from 'zod';
import { familyNames, fieldUses, outcomes } from '../../patch/types.js';
import { bytes, document, nullableText } from './words.js';

const siteAfter = z.strictObject({
  bytes: z.string().describe('hexadecimal'),
  instruction: z.string(),
  outcome: z.enum(outcomes).nullable().describe('of paravirt sites; null for others'),
});
const siteRow = z.strictObject({
  address: z.string(),
  place: z.string().describe('function and offset'),
  family: z.enum(familyNames),
  subject: z.string().describe('key, feature, member of pv_ops: what decides'),
  bytes: z.string().describe('hexadecimal'),
  instruction: z.string().describe('several have "; " between them'),
  staysInText: z.boolean().describe('false for code that the kernel frees after boot'),
  after: siteAfter.nullable().describe('null without --for, and for code that is freed'),
});
const codeLine = z.strictObject({ offset: bytes, size: bytes, text: z.string() });
const functionView = z.strictObject({
  name: z.string(),
  address: z.string(),
  size: bytes,
  blocks: z.array(
    z.strictObject({
      original: z.array(codeLine),
      sites: z
        .array(
          z.strictObject({
            address: z.string(),
            family: z.enum(familyNames),
            subject: z.string(),
            replacement: z
              .array(codeLine)
              .nullable()
              .describe('of an alternative, offsets from its own start; null for other families'),
          }),
        )
        .describe('what may be rewritten here; empty for code that stays'),
      after: z.array(codeLine).nullable().describe('after boot; null where that is not known'),
      changes: z.boolean(),
    }),
  ),
});
const discovery = z.strictObject({
  fields: z.int().describe('relocated fields that lead into pv_ops'),
  entries: z.int().describe('of the table of paravirt sites'),
  inBoth: z.int(),
  onlyRelocated: z.array(
    z.strictObject({
      address: z.string(),
      place: z.string(),
      use: z.enum(fieldUses),
      member: z.string(),
    }),
  ),
  onlyInTable: z.array(z.string()),
  notes: z.array(z.string()),
});

export const sitesDocument = document('sites', {
  image: z.strictObject({ file: z.string(), name: nullableText }),
  kernelVersion: nullableText,
  namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
  target: z.strictObject({ environment: z.string(), cpu: z.string() }).nullable(),
  totals: z.array(
    z.strictObject({
      family: z.enum(familyNames),
      entries: z.int().describe('of the table'),
      sites: z.int().describe('places, several entries of one counted once'),
      bytes,
      inText: z.int(),
      inInitText: z.int(),
    }),
  ),
  rows: z.array(siteRow).describe('by address; the first --limit of them'),
  rowsLeft: z.int().describe('rows that --all would add'),
  functions: z.array(functionView).nullable().describe('null without --function'),
  discovery: discovery.nullable().describe('null without --discover'),
  notes: z.array(z.string()).describe('what could not be told, and why'),
  files: z.array(z.string()),
});
