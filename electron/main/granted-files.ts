import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { GrantedFile } from '../../engine/contract/app/shell.js';
import type { FileUse, OrderFrame } from '../../engine/contract/app/wire.js';

type GrantOrder = Extract<OrderFrame, { kind: 'grant' }>;

/**
 * Files that the user chose, for as long as the app runs: each engine host is
 * told of them, the next one of all that the one before knew. Apart from
 * engine-host.ts, since nothing in here needs a process.
 */
export class GrantedFiles {
  readonly #orders = new Map<string, GrantOrder>();
  readonly #waiting = new Map<string, () => void>();

  /** What a host that has just started is to be told. */
  get orders(): readonly GrantOrder[] {
    return [...this.#orders.values()];
  }

  /**
   * Grants a file, and waits until the host knows it: a token must not be used before.
   * A host that is not there (`send` is undefined), or ends before it answers, is not
   * waited for: the next one is told of every file before it hears of a window.
   */
  async grant(
    path: string,
    use: FileUse,
    send: ((order: GrantOrder) => void) | undefined,
  ): Promise<GrantedFile> {
    const order: GrantOrder = { kind: 'grant', token: randomUUID(), path, use };
    const { token } = order;
    this.#orders.set(token, order);
    if (send) {
      const settled = new Promise<void>((resolve) => this.#waiting.set(token, resolve));
      send(order);
      await settled;
    }
    return { token, name: basename(path) };
  }

  /** Path of a file that was chosen for this; undefined for any other token. */
  path(token: string, use: FileUse): string | undefined {
    const order = this.#orders.get(token);
    return order?.use === use ? order.path : undefined;
  }

  /** The host knows this file. */
  acknowledge(token: string): void {
    this.#waiting.get(token)?.();
    this.#waiting.delete(token);
  }

  /** The host ended: it acknowledges nothing any more. */
  hostEnded(): void {
    for (const settle of this.#waiting.values()) settle();
    this.#waiting.clear();
  }
}
