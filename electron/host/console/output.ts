import { createEscapeFilter } from '../../../engine/boot/escapes.js';
import type { Milliseconds } from '../../../engine/units.js';

/**
 * A serial port hands over single characters. They are gathered for so long:
 * less than a frame of the screen, and a message instead of hundreds.
 */
const gatherTime: Milliseconds = 5;

/** A stream of a guest on its way to the window: filtered, gathered, sent. */
export class Output {
  readonly #filter = createEscapeFilter();
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  #gathered: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send;
  }

  push(bytes: Uint8Array): void {
    this.#gathered.push(bytes);
    this.#timer ??= setTimeout(() => this.flush(), gatherTime);
  }

  /** Sends what is gathered now: nothing more will come, or something is to come after it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = this.#filter.push(Buffer.concat(this.#gathered));
    this.#gathered = [];
    if (bytes.length > 0) this.#send(bytes);
  }
}
