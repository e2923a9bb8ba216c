import { z } from 'zod';
import { document, nullableText } from './words.js';

export const errorDocument = document('error', {
  error: z.strictObject({
    code: z.string().describe('stable; docs/errors.md lists them all'),
    kind: z.string(),
    message: z.string(),
    place: z
      .strictObject({
        file: nullableText,
        offset: z.int().nullable().describe('byte offset in the file'),
        section: nullableText,
        symbol: nullableText,
      })
      .nullable(),
    hint: z.string(),
  }),
});
