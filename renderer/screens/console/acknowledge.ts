import { flow } from '../../../engine/contract/app/console.js';

/**
 * Gathers what a terminal has taken in, and says when the host is to be told:
 * a message a step, not a message a write. What stays below a step at the end
 * of an output needs no telling: the host goes on at `lowWatermark`.
 */
export class Acknowledger {
  readonly #tell: (characters: number) => void;
  #taken = 0;

  constructor(tell: (characters: number) => void) {
    this.#tell = tell;
  }

  taken(characters: number): void {
    this.#taken += characters;
    if (this.#taken < flow.acknowledgeEvery) return;
    this.#tell(this.#taken);
    this.#taken = 0;
  }

  /** Another boot counts anew. */
  restart(): void {
    this.#taken = 0;
  }
}
