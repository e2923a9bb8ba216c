import { expect } from 'vitest';

/** Matches an error of the catalogue by its code, and by more of its fields where given. */
export function labError(code: string, more: object = {}): Error {
  return expect.objectContaining({ name: 'LabError', code, ...more }) as Error;
}
