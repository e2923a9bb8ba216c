/** An instruction: its offset in the function (bytes), and its text. */
export interface CodeLine {
  readonly offset: number;
  readonly text: string;
}

/** Two halves of a listing side by side; null where a half has nothing there. */
export interface PairedLine {
  readonly left: CodeLine | null;
  readonly right: CodeLine | null;
  /** What stands between the halves. */
  readonly note: string;
  /** The note in full, where it is shortened. */
  readonly title?: string;
  /** How the line is coloured. `variant`: what may come to stand there. */
  readonly kind: 'plain' | 'changes' | 'stays' | 'variant' | 'only-left' | 'only-right';
}

/** Line where the next or the previous run of stops begins; undefined when there is none. */
export function nextRun<Line>(
  lines: readonly Line[],
  from: number,
  step: 1 | -1,
  isStop: (line: Line) => boolean,
): number | undefined {
  for (let at = from + step; at >= 0 && at < lines.length; at += step) {
    const isFirst = at === 0 || !isStop(lines[at - 1]!);
    if (isStop(lines[at]!) && isFirst) return at;
  }
  return undefined;
}
