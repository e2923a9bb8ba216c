import type { Milliseconds } from '../../../engine/units.js';

/** Time that passes while a guest runs, without its pauses. */
export class Stopwatch {
  readonly #clock: () => Milliseconds;
  #before: Milliseconds = 0;
  #since: Milliseconds | undefined;

  constructor(clock: () => Milliseconds = () => performance.now()) {
    this.#clock = clock;
    this.#since = clock();
  }

  get elapsed(): Milliseconds {
    return this.#before + (this.#since === undefined ? 0 : this.#clock() - this.#since);
  }

  pause(): void {
    this.#before = this.elapsed;
    this.#since = undefined;
  }

  resume(): void {
    this.#since ??= this.#clock();
  }
}
