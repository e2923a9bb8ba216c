import { z } from 'zod';
import { lineMarks, reasons, siteFamilies, verdicts } from '../../compare/types.js';
import { bytes, document, nullableText } from './words.js';

const verdict = z.enum(verdicts);
const diffReason = z.enum(reasons);
const diffTotal = z.strictObject({ count: z.int(), bytesA: bytes, bytesB: bytes });
const verdictTotals = z.record(verdict, diffTotal);
const diffRow = z.strictObject({
  kind: z.enum(['function', 'object']),
  name: z.string(),
  nameB: nullableText.describe("B's name where it is another"),
  section: z.string(),
  source: nullableText.describe('folder or base name of the source; null where it cannot be told'),
  verdict,
  reason: diffReason.nullable(),
  evidence: z.array(diffReason).describe('everything that was seen; reason is the main one'),
  addressA: nullableText,
  addressB: nullableText,
  sizeA: bytes.nullable(),
  sizeB: bytes.nullable(),
});
const diffPlace = z
  .strictObject({ name: z.string(), section: z.string(), address: z.string(), size: bytes })
  .nullable();
const disassembledLine = z
  .strictObject({ offset: bytes, size: bytes, text: z.string() })
  .nullable();

export const diffDocument = document('diff', {
  a: z.strictObject({ label: z.string(), file: z.string() }),
  b: z.strictObject({ label: z.string(), file: z.string() }),
  comparison: z
    .strictObject({
      totals: z.strictObject({
        functions: verdictTotals,
        objects: verdictTotals,
        reasons: z.record(diffReason, diffTotal),
        objectSections: z.array(z.strictObject({ section: z.string(), verdicts: verdictTotals })),
        sources: z.strictObject({
          kind: z.enum(['folder', 'file']),
          rows: z.array(z.strictObject({ source: nullableText, verdicts: verdictTotals })),
        }),
      }),
      remainders: z
        .array(
          z.strictObject({
            section: z.string(),
            label: z.string(),
            sizeA: bytes,
            sizeB: bytes,
            sharedA: bytes,
            sharedB: bytes,
            paddingA: bytes,
            paddingB: bytes,
          }),
        )
        .describe(
          'what no sized symbol covers; with functions and objects it is all that is loaded',
        ),
      functions: z.array(diffRow).describe('without those that are the same, unless --all'),
      objects: z.array(diffRow),
      notes: z.array(z.string()).describe('what could not be told, and why'),
    })
    .nullable()
    .describe('null for --function and --bloat-o-meter'),
  disassembly: z
    .array(
      z.strictObject({
        verdict,
        reason: diffReason.nullable(),
        evidence: z.array(diffReason),
        a: diffPlace,
        b: diffPlace,
        lines: z.array(
          z.strictObject({
            mark: z.enum(lineMarks),
            families: z.array(z.enum(siteFamilies)),
            a: disassembledLine,
            b: disassembledLine,
          }),
        ),
      }),
    )
    .nullable(),
  bloatOMeter: nullableText,
  files: z.array(z.string()),
});
