import type { Disassembly, SiteFamily } from '../../../engine/contract/app/merge.js';
import type { PairedLine } from '../../shared/listing.js';

type Line = Disassembly['lines'][number];

/** Letters beside a mark, by family of patch site: as `kbl diff --function` prints them. */
export const siteLetters: Record<SiteFamily, string> = {
  paravirt: 'P',
  alternative: 'A',
  'static-key': 'K',
};

const kinds: Record<Line['mark'], PairedLine['kind']> = {
  ...{ ' ': 'plain', '~': 'plain', '|': 'changes', '<': 'only-left', '>': 'only-right' },
};

/** A line as the window lists it. */
export const pairedLine = ({ a, b, mark, families }: Line): PairedLine => ({
  ...{ left: a, right: b, kind: kinds[mark] },
  note: mark + families.map((one) => siteLetters[one]).join(''),
  title: families.join(', '),
});

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
