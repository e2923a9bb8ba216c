import type { Disassembly, SiteFamily } from '../../../engine/contract/app/merge.js';

type Line = Disassembly['lines'][number];

/** Letters beside a mark, by family of patch site: as `kbl diff --function` prints them. */
export const siteLetters: Record<SiteFamily, string> = {
  paravirt: 'P',
  alternative: 'A',
  'static-key': 'K',
};

const differs = ({ mark }: Line): boolean => mark !== ' ' && mark !== '~';

/** Line where the next or the previous run of differences begins; undefined when there is none. */
export function nextDifference(
  lines: readonly Line[],
  from: number,
  step: 1 | -1,
): number | undefined {
  for (let at = from + step; at >= 0 && at < lines.length; at += step) {
    const isFirst = at === 0 || !differs(lines[at - 1]!);
    if (differs(lines[at]!) && isFirst) return at;
  }
  return undefined;
}

/** The disassembly as text, for a mail: both halves at a fixed width. */
export function sideBySideText(
  { verdict, reason, lines }: Disassembly,
  a: string,
  b: string,
): string {
  const half = (line: Line['a']): string =>
    line === null ? '' : `${line.offset.toString(16).padStart(4)}  ${line.text}`;
  const width = Math.max(a.length, ...lines.map((line) => half(line.a).length));
  const text = (left: string, mark: string, right: string): string =>
    `${left.padEnd(width)}  ${mark.padEnd(3)}  ${right}`.trimEnd();
  return [
    [verdict, reason].filter((word) => word !== null).join(': '),
    text(a, '', b),
    ...lines.map((line) =>
      text(
        half(line.a),
        line.mark + line.families.map((one) => siteLetters[one]).join(''),
        half(line.b),
      ),
    ),
  ].join('\n');
}
