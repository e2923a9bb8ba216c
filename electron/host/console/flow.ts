import { flow } from '../../../engine/contract/app/console.js';

/** What holds a guest's console back and lets it go on. */
export interface Brake {
  hold(): void;
  release(): void;
}

/** Counts what the window has not taken in yet (engine/contract/app/console.ts has the why). */
export class Flow {
  readonly #brake: Brake;
  #pending = 0;
  #held = false;

  constructor(brake: Brake) {
    this.#brake = brake;
  }

  /** Characters sent and not acknowledged. */
  get pending(): number {
    return this.#pending;
  }

  sent(characters: number): void {
    this.#pending += characters;
    if (this.#held || this.#pending <= flow.highWatermark) return;
    this.#held = true;
    this.#brake.hold();
  }

  /** More than was sent counts as all of it: acknowledgements of the boot before may come late. */
  acknowledged(characters: number): void {
    this.#pending = Math.max(0, this.#pending - characters);
    if (!this.#held || this.#pending > flow.lowWatermark) return;
    this.#held = false;
    this.#brake.release();
  }
}
