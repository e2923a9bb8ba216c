import type { LabError } from './lab-error.js';

/** An error of the catalogue as plain data, as documents and messages carry it. */
export interface ErrorBodyData {
  code: string;
  kind: string;
  message: string;
  place: {
    file: string | null;
    offset: number | null;
    section: string | null;
    symbol: string | null;
  } | null;
  hint: string;
}

/** What `errorDocument` (contract.ts) holds of an error; no cause, no stack. */
export function errorBodyOf({ code, kind, message, place, hint }: LabError): ErrorBodyData {
  const { file = null, offset = null, section = null, symbol = null } = place ?? {};
  return { code, kind, message, place: place ? { file, offset, section, symbol } : null, hint };
}
