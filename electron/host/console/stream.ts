import { plainText, type KeptLine } from '../../../engine/boot/index.js';
import { Flow } from './flow.js';
import { Output } from './output.js';

/** One stream of a guest and the terminal that shows it: what is said, what is typed, how fast. */
export class Stream {
  readonly #line: KeptLine;
  readonly #flow: Flow;
  readonly #output: Output;

  constructor(line: KeptLine, send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#line = line;
    this.#flow = new Flow({ hold: () => line.pause(), release: () => line.resume() });
    this.#output = new Output((bytes) => {
      send(bytes);
      this.#flow.sent(bytes.length);
    });
    line.onConsole((bytes) => this.#output.push(bytes));
  }

  type(bytes: Uint8Array): void {
    this.#line.write(bytes);
  }

  acknowledge(characters: number): void {
    this.#flow.acknowledged(characters);
  }

  /** Sends what is on its way: nothing more will come. */
  flush(): void {
    this.#output.flush();
  }

  /** All that was said, without escapes: whoever reads the file with cat has a terminal too. */
  log(): { text: string; truncated: boolean } {
    const { bytes, truncated } = this.#line.console();
    return { text: plainText(new TextDecoder().decode(bytes)), truncated };
  }
}
