import type { z } from 'zod';

/** What is wrong with a message, in one line: `image.size: expected number`. */
export function problemOf(error: z.ZodError): string {
  const [first] = error.issues;
  if (!first) return 'it is malformed';
  const place = first.path.map(String).join('.');
  return place === '' ? first.message : `${place}: ${first.message}`;
}
