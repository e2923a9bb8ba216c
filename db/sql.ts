/** What a parameter may be. SQLite has 64-bit integers, but the driver reads and writes doubles. */
export type SqlValue = string | number | Uint8Array | null;

/** A statement with its parameters apart, as the `sql` tag makes it. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/**
 * Writes a statement: sql`SELECT * FROM images WHERE name = ${name}`. Every
 * `${}` becomes a bound parameter, never text, so that a value cannot change
 * the statement and their number always fits. The driver stores NULL without a
 * word for undefined, bigint and NaN, and rounds integers beyond 2^53: they are
 * refused here.
 *
 * @throws TypeError, RangeError for such a value: a bug of the caller
 */
export function sql(pieces: TemplateStringsArray, ...values: SqlValue[]): Sql {
  if (pieces.some((piece) => piece.includes('?'))) {
    throw new TypeError(`a parameter without a value in: ${pieces.join('${}')}`);
  }
  values.forEach((value, index) =>
    checkValue(value, `parameter ${index + 1} of: ${pieces.join('${}')}`),
  );
  return { text: pieces.join('?'), values };
}

function checkValue(value: SqlValue, where: string): void {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return;
  if (typeof value !== 'number') throw new TypeError(`${typeof value} as ${where}`);
  checkNumber(value, where);
}

/** Refuses what a double or JSON cannot carry to SQLite exactly. @throws RangeError */
export function checkNumber(value: number, where: string): void {
  const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!exact) throw new RangeError(`${value} as ${where}`);
}

/** JSON for a text column; refuses numbers that would not come back as they went in. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === 'number') checkNumber(part, `"${key}" in JSON`);
    return part;
  });
}
