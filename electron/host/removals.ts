import type { Milliseconds, Sha256 } from '../../engine/units.js';

/**
 * Removals that can still be taken back. What is removed is hidden at once and
 * deleted when its time is over; a host that dies before has deleted nothing.
 */
export class Removals {
  readonly #timers = new Map<Sha256, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #delete: (sha256: Sha256) => Promise<void>;

  /** @param remove does it for good; reports its own trouble */
  constructor(remove: (sha256: Sha256) => Promise<void>) {
    this.#delete = remove;
  }

  isHidden(sha256: Sha256): boolean {
    return this.#timers.has(sha256);
  }

  hide(sha256: Sha256, undoFor: Milliseconds): void {
    clearTimeout(this.#timers.get(sha256));
    this.#timers.set(
      sha256,
      setTimeout(() => this.#commit(sha256), undoFor),
    );
  }

  /** False when it is too late. */
  restore(sha256: Sha256): boolean {
    clearTimeout(this.#timers.get(sha256));
    return this.#timers.delete(sha256);
  }

  /** Deletes what is hidden now: the app ends. */
  async flush(): Promise<void> {
    for (const [sha256, timer] of [...this.#timers]) {
      clearTimeout(timer);
      this.#commit(sha256);
    }
    await Promise.all(this.#running);
  }

  #commit(sha256: Sha256): void {
    const work = this.#delete(sha256).finally(() => {
      this.#timers.delete(sha256);
      this.#running.delete(work);
    });
    this.#running.add(work);
  }
}
