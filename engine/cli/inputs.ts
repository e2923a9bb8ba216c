import { z } from 'zod';
import { environmentNames } from '../boot/index.js';

/** Inputs that several verbs take: words of the command line, validated. */

/** A whole number from 1. */
export const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'expected a whole number from 1')
  .transform(Number);

/** One environment by its name. */
export const environment = z.enum(environmentNames, {
  error: `expected one of ${environmentNames.join(', ')}`,
});

/** `a,b,c`: words that the engine will know or refuse. */
export const list = z
  .string()
  .transform(separate)
  .refine((words) => words.length > 0, 'expected names with commas between them');

/** `a,b,c`: some of the words that are allowed, each once. */
export function words<const Word extends string>(allowed: readonly Word[]) {
  const isAllowed = (word: string): word is Word => (allowed as readonly string[]).includes(word);
  return z.string().transform((text, context) => {
    const asked = separate(text);
    if (asked.length > 0 && asked.every(isAllowed)) return asked;
    context.addIssue({ code: 'custom', message: `expected some of ${allowed.join(',')}` });
    return z.NEVER;
  });
}

function separate(text: string): string[] {
  return [...new Set(text.split(',').filter((word) => word !== ''))];
}
