import { signOf, withReason, type Sign } from './signs.js';
import { plainText } from './text.js';

/** A longer line is cut here: a guest that never ends its line must not fill our memory. */
const lineLimit = 4096;
/** Signs reported; the first ones decide. */
const signLimit = 32;

export interface ConsoleScanner {
  /** Takes the console's next bytes. */
  push(bytes: Uint8Array): void;
  /** Takes what stands behind the last line break as a line too. */
  end(): void;
}

/** Reads a console line by line as it grows, looking for signs. Memory is bounded. */
export function createScanner(
  doneLine: string,
  listeners: { onSign(sign: Sign): void; onLine?: (line: string) => void },
): ConsoleScanner {
  const decoder = new TextDecoder();
  let rest = '';
  let found = 0;
  /** A Xen panic's headline, which waits for the line with its reason. */
  let headline: Sign | undefined;

  const report = (sign: Sign): void => {
    if (found++ < signLimit) listeners.onSign(sign);
  };
  const take = (raw: string): void => {
    const line = plainText(raw);
    listeners.onLine?.(line);
    if (headline) report(withReason(headline, line));
    headline = undefined;
    const sign = signOf(line, doneLine);
    if (sign?.kind === 'xen-panic') headline = sign;
    else if (sign) report(sign);
  };

  return {
    push(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop()!.slice(0, lineLimit);
      for (const line of lines) take(line.slice(0, lineLimit));
    },
    end() {
      if (rest !== '') take(rest);
      if (headline) report(headline);
      rest = '';
      headline = undefined;
    },
  };
}

/** The signs of a whole console. */
export function scanConsole(console: Uint8Array, doneLine: string): Sign[] {
  const signs: Sign[] = [];
  const scanner = createScanner(doneLine, { onSign: (sign) => signs.push(sign) });
  scanner.push(console);
  scanner.end();
  return signs;
}
