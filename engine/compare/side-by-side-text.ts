import { tidy, truncated } from '../report/figures.js';
import { addressText } from '../kernel/address.js';
import type { SideBySide, SideBySideLine } from './side-by-side.js';
import { verdictWords, why } from './words.js';

export interface SideBySideOptions {
  labelA: string;
  labelB: string;
  /** Columns to stay within; 120 when absent. */
  width?: number | undefined;
  /** Paints a line that differs; must not change its width. */
  paint?: ((line: string) => string) | undefined;
}

/** Letters beside a mark, by family of patch site. */
const letters = { paravirt: 'P', alternative: 'A', 'static-key': 'K' } as const;

/** The side-by-side disassembly as text, without a final newline. */
export function sideBySideText(shown: SideBySide, options: SideBySideOptions): string {
  const width = Math.max(60, options.width ?? 120);
  const half = Math.floor((width - gutter) / 2);
  const paint = options.paint ?? ((line: string) => line);
  const because = shown.reason === null ? '' : `: ${why(shown)}`;
  const lines = [
    tidy(`${shown.a?.name ?? shown.b?.name ?? ''}: ${verdictWords[shown.verdict]}${because}`),
    joined(heading(options.labelA, shown.a), '', heading(options.labelB, shown.b), half),
    ...shown.lines.map((line) => {
      const tag = line.families.map((family) => letters[family]).join('');
      const text = joined(halfText(line.a), `${line.mark}${tag}`, halfText(line.b), half);
      return line.mark === ' ' || line.mark === '~' ? text : paint(text);
    }),
  ];
  return lines.join('\n');
}

const gutter = 6;

function heading(label: string, place: SideBySide['a']): string {
  if (!place) return `${label}: not there`;
  return `${label}: ${addressText(place.address)}, ${place.size} bytes`;
}

function halfText(line: SideBySideLine['a']): string {
  return line ? `${line.offset.toString(16).padStart(5)}: ${line.text}` : '';
}

function joined(left: string, mark: string, right: string, half: number): string {
  const cell = (text: string): string => truncated(tidy(text), half);
  return `${cell(left).padEnd(half)} ${mark.padEnd(gutter - 2)} ${cell(right)}`.trimEnd();
}
