/**
 * Makes hostile guest text fit for a message, a log or a screen that is no
 * terminal: escape sequences and control characters are taken out.
 */
export function plainText(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- CSI sequences (ECMA-48 section 5.4)
      .replace(/(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g, '')
      // eslint-disable-next-line no-control-regex -- OSC, DCS, APC, PM and SOS strings
      .replace(/\x1b[\]P_^X][^\x07\x1b\n]*(?:\x07|\x1b\\)?/g, '')
      // eslint-disable-next-line no-control-regex -- what is left of C0 and C1, but newline and tab
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
  );
}

/** The last lines of a console that have any text, oldest first. */
export function lastLines(console: Uint8Array, count: number): string[] {
  // A line of a console is rarely over 200 bytes; 2 KiB each leaves room.
  const tail = console.subarray(Math.max(0, console.length - count * 2048));
  return plainText(new TextDecoder().decode(tail))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}
