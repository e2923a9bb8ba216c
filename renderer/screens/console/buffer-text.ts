/** What is needed of a terminal's buffer (xterm's IBuffer). */
export interface TerminalBuffer {
  readonly length: number;
  getLine(y: number): TerminalLine | undefined;
}

interface TerminalLine {
  /** Goes on where the line above ended at the right edge. */
  readonly isWrapped: boolean;
  translateToString(trimRight?: boolean): string;
}

/** A terminal's lines as text: lines as they were printed, whatever the terminal's width. */
export function textOf(buffer: TerminalBuffer): string {
  const lines: string[] = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (!line) continue;
    const goesOn = buffer.getLine(y + 1)?.isWrapped ?? false;
    // A line that goes on is full: blanks at its end were printed.
    const text = line.translateToString(!goesOn);
    lines.push(line.isWrapped ? (lines.pop() ?? '') + text : text);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\n`).join('');
}
