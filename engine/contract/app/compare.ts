import { z } from 'zod';
import { comparisonDocument, type ComparisonDocument } from '../../report/schema.js';
import { method } from './method.js';

export type { ComparisonDocument };

const which = {
  experiment: z.int().min(1),
  baseline: z.int().min(0).describe('index of the column that others are compared with'),
};

/** Formats of the engine's exporters that a window offers. */
export const exportChoice = z.enum(['csv', 'xlsx', 'ods', 'json', 'md']);
export type ExportChoice = z.infer<typeof exportChoice>;

export const compareMethods = {
  'compare.get': method({
    params: z.strictObject(which),
    reply: z.strictObject({
      comparison: comparisonDocument,
      provenance: z.string().describe('plan, boots, emulator, machine, in a line'),
      fileName: z.string().describe('for exports, without extension'),
    }),
    event: z.never(),
  }),
  'compare.markdown': method({
    params: z.strictObject(which),
    reply: z.strictObject({ text: z.string() }),
    event: z.never(),
  }),
  /** `file` is the token of a file that the user chose to save to. */
  'compare.export': method({
    params: z.strictObject({ ...which, format: exportChoice, file: z.uuid() }),
    reply: z.strictObject({}),
    event: z.never(),
  }),
  /** Saves a chart that the window drew. */
  'compare.chart': method({
    params: z.strictObject({ file: z.uuid(), bytes: z.instanceof(Uint8Array) }),
    reply: z.strictObject({}),
    event: z.never(),
  }),
};
