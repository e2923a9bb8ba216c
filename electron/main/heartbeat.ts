/**
 * Whether the engine host still answers: by how many pings in a row it has left
 * unanswered. Not by the clock, which jumps when the machine sleeps.
 */
export class Heartbeat {
  readonly #limit: number;
  #unanswered = 0;

  /** @param limit  this many unanswered pings mean that it hangs */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get hangs(): boolean {
    return this.#unanswered >= this.#limit;
  }

  pinged(): void {
    this.#unanswered++;
  }

  /** It answered, or is another one. */
  answered(): void {
    this.#unanswered = 0;
  }
}
