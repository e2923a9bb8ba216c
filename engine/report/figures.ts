import stringWidth from 'string-width';

/** How figures and labels are written for people. Machines get plain numbers. */

/** `1,234,567`; a fraction keeps one decimal. */
export function grouped(value: number): string {
  return withSeparators(Number.isInteger(value) ? String(value) : value.toFixed(1));
}

/**
 * `+1.62%`, `-0.40%`, and `=` for a difference of exactly nothing, which a
 * rounded `+0.00%` is not. `-` where there is no percentage (baseline 0).
 */
export function signedPercent(percent: number | undefined): string {
  if (percent === undefined) return '-';
  if (percent === 0) return '=';
  return `${percent < 0 ? '-' : '+'}${withSeparators(Math.abs(percent).toFixed(2))}%`;
}

function withSeparators(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/** C0 and C1 controls, separators, bidirectional overrides and lone surrogates. */
const untidy =
  // eslint-disable-next-line no-control-regex -- naming control characters is the point
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}]/gu;

/**
 * One line of text that cannot move the cursor, recolour or reorder what is
 * around it: labels come from files, evidence from guest consoles.
 */
export function tidy(text: string): string {
  return text.replace(/\r\n|[\r\n\t]/g, ' ').replace(untidy, '\ufffd');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cuts text to a width in terminal columns; what was cut ends in `…`. */
export function truncated(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    kept += segment;
    used += wide;
  }
  return `${kept}…`;
}

/** Breaks text at spaces into lines of at most `width` columns; longer words stand alone. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
