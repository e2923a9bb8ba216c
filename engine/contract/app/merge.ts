import { z } from 'zod';
import { diffDocument, mergeDocument } from '../../contract.js';
import { jobMethod, method } from './method.js';

export {
  lineMarks,
  reasons,
  verdicts,
  type LineMark,
  type Reason,
  type SiteFamily,
} from '../../compare/types.js';
export type { Verdict } from '../../compare/types.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const comparison = diffDocument.shape.comparison.unwrap().shape;

export type Merged = z.infer<typeof mergeDocument>;
export type Totals = z.infer<typeof comparison.totals>;

/** Functions or objects of two kernels, a column each; rows as in ComparisonTable (engine/compare/types.ts). */
const columns = z.strictObject({
  length: z.int(),
  /** A's, or B's where only B has it. */
  name: z.array(z.string()),
  /** B's, of those rows where it is another. */
  nameB: z.array(z.strictObject({ row: z.int(), name: z.string() })),
  verdict: z.instanceof(Uint8Array).describe('index into `verdicts`'),
  reason: z
    .instanceof(Uint8Array)
    .describe('index into `reasons`; beyond its end where nothing differs'),
  evidence: z.instanceof(Uint16Array).describe('bit i for `reasons[i]`'),
  section: z.instanceof(Int16Array).describe('index into sectionsA; -1 for one that A lacks'),
  source: z.instanceof(Int32Array).describe('index into `sources`; -1 where it cannot be told'),
  /** Signed, as engine/compare/address.ts has them; NaN on the side that lacks the row. */
  addressA: z.instanceof(Float64Array),
  addressB: z.instanceof(Float64Array),
  /** Bytes; NaN on the side that lacks the row. */
  sizeA: z.instanceof(Float64Array),
  sizeB: z.instanceof(Float64Array),
});
export type ComparisonColumns = z.infer<typeof columns>;

const section = z.strictObject({
  name: z.string(),
  start: z.number().describe('signed address'),
  size: z.number().describe('bytes'),
  executable: z.boolean(),
  stored: z.boolean().describe('it has bytes in the file: .bss has none'),
});
export type Section = z.infer<typeof section>;

const comparisonReply = z.strictObject({
  totals: comparison.totals,
  remainders: comparison.remainders,
  notes: comparison.notes,
  functions: columns,
  objects: columns,
  sources: z.array(z.string()),
  sectionsA: z.array(section),
  sectionsB: z.array(section),
});
export type Comparison = z.infer<typeof comparisonReply>;

const disassembly = diffDocument.shape.disassembly.unwrap().element;
export type Disassembly = z.infer<typeof disassembly>;

export const mergeMethods = {
  /** Compares the vmlinux files of two built images. Takes seconds; events say how far it is. */
  'merge.compare': method({
    params: z.strictObject({ a: sha256, b: sha256 }),
    reply: comparisonReply,
    event: z.strictObject({
      detail: z.string(),
      done: z.number().nullable(),
      total: z.number().nullable(),
    }),
  }),
  /** One function of both, side by side; `row` of the functions that merge.compare replied. */
  'merge.function': method({
    params: z.strictObject({ a: sha256, b: sha256, row: z.int().min(0) }),
    reply: disassembly,
    event: z.never(),
  }),
};

export const mergeJobs = {
  'merge.run': jobMethod({
    params: z.strictObject({
      images: z
        .array(z.strictObject({ sha256, flavour: z.string().nullable().describe('null: made up') }))
        .max(64),
      name: z.string().max(200).nullable().describe('null for multi-VERSION'),
      default: z.string().nullable().describe('a flavour; null for the first'),
      rules: z
        .array(z.strictObject({ signature: z.string(), flavour: z.string() }))
        .nullable()
        .describe("null: Xen's signature chooses the base"),
      stub: z
        .boolean()
        .describe("the boot stub even where the kernel's decompressor can be linked"),
    }),
    result: mergeDocument,
  }),
};
