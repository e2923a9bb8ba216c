/** Lines that are kept for those who begin to follow later: a kernel build prints some 3 000. */
const linesKept = 10_000;

type Follower = (lines: string[]) => void;

/** The output of a job: the newest lines are kept, followers get all that come. */
export class Lines {
  readonly #kept: string[] = [];
  readonly #followers = new Set<{ lines: Follower; end: () => void }>();
  #ended = false;
  /** Lines that are kept no longer. */
  dropped = 0;

  add(line: string): void {
    this.#kept.push(line);
    // Not one by one: shifting ten thousand for each would cost more than the line.
    if (this.#kept.length >= 2 * linesKept) {
      this.#kept.splice(0, linesKept);
      this.dropped += linesKept;
    }
    for (const { lines } of this.#followers) lines([line]);
  }

  end(): void {
    this.#ended = true;
    for (const { end } of this.#followers) end();
    this.#followers.clear();
  }

  /** Hands over what is kept, then what comes, until the end or the signal. */
  follow(listener: Follower, signal: AbortSignal): Promise<void> {
    if (this.#kept.length > 0) listener([...this.#kept]);
    if (this.#ended || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const follower = { lines: listener, end: resolve };
      this.#followers.add(follower);
      signal.addEventListener('abort', () => {
        this.#followers.delete(follower);
        resolve();
      });
    });
  }
}
