import type { Observed } from '../../../engine/contract/app/patch.js';

type Changes = NonNullable<Observed['changes']>;

export const ownerWords: Record<Changes['owners'][number]['kind'], string> = {
  table: 'table of a family, sorted or marked',
  'ro-after-init': 'variable, read-only after init',
  unnamed: 'not told: this kernel has no names of data',
  constant: 'unexplained',
};

/** Who changed how much code. */
export interface TextLine {
  by: string;
  sites: number | null;
  changed: number | null;
  bytes: number;
  sum: boolean;
}

/** A line a family and a direct writer, their sum, and what is left unexplained. */
export function textLines({ families, direct, text }: Changes): TextLine[] {
  const lines: TextLine[] = [
    ...families.map(({ family, sites, changed, changedBytes }) => ({
      ...{ by: family, sites, changed, bytes: changedBytes, sum: false },
    })),
    ...direct
      .filter(({ changedBytes }) => changedBytes > 0)
      .map(({ name, writer, changedBytes }) => ({
        ...{ by: `${name}, by ${writer}()`, sites: 1, changed: 1, bytes: changedBytes, sum: false },
      })),
  ];
  const total = (of: (line: TextLine) => number | null): number =>
    lines.reduce((sum, line) => sum + (of(line) ?? 0), 0);
  const explained = total(({ bytes }) => bytes);
  const rest = text.changed - explained;
  return [
    ...lines,
    {
      ...{ by: 'all', sites: total(({ sites }) => sites), changed: total((one) => one.changed) },
      ...{ bytes: explained, sum: true },
    },
    ...(rest === 0
      ? []
      : [{ by: 'unexplained', sites: null, changed: null, bytes: rest, sum: false }]),
  ];
}
