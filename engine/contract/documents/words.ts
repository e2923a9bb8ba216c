import { z } from 'zod';

/** A document's outermost object, with its name and version. */
export function document<
  Name extends string,
  Shape extends z.ZodRawShape,
  Version extends number = 1,
>(name: Name, shape: Shape, version = 1 as Version) {
  return z.strictObject({
    schema: z.literal(`kbl-${name}` as const),
    version: z.literal(version),
    ...shape,
  });
}

export const sha256 = z.string().describe('SHA-256, lower-case hexadecimal');
export const bytes = z.int().describe('bytes');
export const time = z.string().describe('ISO 8601, UTC');
export const wall = z.number().describe('milliseconds; emulated, not comparable with hardware');
export const nullableText = z.string().nullable();
