import type { Milliseconds } from '../../engine/units.js';

/**
 * Removals that can still be taken back. What is removed is hidden at once and
 * deleted when its time is over; a host that dies before has deleted nothing.
 */
export class Removals<Key> {
  readonly #timers = new Map<Key, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #delete: (key: Key) => Promise<void>;

  /** @param remove does it for good; reports its own trouble */
  constructor(remove: (key: Key) => Promise<void>) {
    this.#delete = remove;
  }

  isHidden(key: Key): boolean {
    return this.#timers.has(key);
  }

  hide(key: Key, undoFor: Milliseconds): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => this.#commit(key), undoFor),
    );
  }

  /** False when it is too late. */
  restore(key: Key): boolean {
    clearTimeout(this.#timers.get(key));
    return this.#timers.delete(key);
  }

  /** Deletes what is hidden now: the app ends. */
  async flush(): Promise<void> {
    for (const [key, timer] of [...this.#timers]) {
      clearTimeout(timer);
      this.#commit(key);
    }
    await Promise.all(this.#running);
  }

  #commit(key: Key): void {
    const work = this.#delete(key).finally(() => {
      this.#timers.delete(key);
      this.#running.delete(work);
    });
    this.#running.add(work);
  }
}
