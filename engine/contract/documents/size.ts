import { z } from 'zod';
import { attributions, sizeClasses, sizeGroupings } from '../../size/types.js';
import { bytes, document, nullableText } from './words.js';

const classes = {
  code: bytes,
  rodata: bytes.describe('bytes that the kernel maps read-only'),
  data: bytes,
  bss: bytes.describe('bytes of memory; the file has none of them'),
  total: bytes,
};

export const sizeSection = z.strictObject({
  name: z.string(),
  address: z.string(),
  size: bytes,
  class: z.enum(sizeClasses),
});

export const sizeTotals = z.strictObject({
  ...classes,
  attributed: bytes.describe('of total: bytes of a known object file'),
  named: bytes.describe('of total: bytes of functions and objects'),
  unnamed: bytes.describe('of total: bytes with contents, but without a symbol'),
  padding: bytes.describe('of total'),
});

export const sizeAbout = {
  attribution: z.enum(attributions).describe('what tells which object file bytes are of'),
  hasFolders: z.boolean().describe('object files are known with their folders'),
  namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
  memory: z.strictObject({
    total: bytes.describe('bytes of the loadable segments'),
    betweenSections: bytes.describe('of them, those of no section: alignment between them'),
  }),
  notes: z.array(z.string()).describe('what could not be told, and why'),
};

export const sizeDocument = document('size', {
  image: z.strictObject({ file: z.string(), name: nullableText }),
  ...sizeAbout,
  totals: sizeTotals,
  sections: z.array(sizeSection),
  by: z.enum(sizeGroupings),
  rows: z.array(
    z.strictObject({
      name: z.string(),
      object: nullableText.describe('object file of a function or object'),
      ...classes,
    }),
  ),
  rowsLeft: z.int().describe('rows that --limit left out; rows are sorted by total'),
});
