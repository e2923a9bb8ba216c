import { appErrors } from '../../../engine/errors/app.js';
import { Machine, type MachineSurroundings } from './machine.js';
import type { ConsoleRequest } from './request.js';

/** A guest of the console screen, over its resets: the machine that runs, or the last that ran. */
export class ConsoleGuest {
  readonly #number: number;
  readonly #request: ConsoleRequest;
  readonly #around: MachineSurroundings;
  #machine: Machine | undefined;
  #boots = 0;
  #closed = false;
  /** Orders that replace the machine wait for one another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(number: number, request: ConsoleRequest, around: MachineSurroundings) {
    this.#number = number;
    this.#request = request;
    this.#around = around;
  }

  /** @throws app-guest-unknown while it is only just starting */
  get machine(): Machine {
    if (!this.#machine) throw appErrors.guestUnknown({ number: this.#number });
    return this.#machine;
  }

  /**
   * Switches the machine off, where one runs, and boots again: a new emulator
   * with the same arguments, not `system_reset`, so that counter and clock begin at
   * zero, and a guest that has ended can be reset too.
   * @throws what QemuEmulator.start throws
   */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#machine?.stop({ silently: true });
      if (this.#closed) return;
      const place = { guest: this.#number, boot: ++this.#boots };
      this.#machine = await Machine.start(this.#request, this.#around, place);
    });
  }

  /** Ends it for good; nobody hears of it any more. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#inTurn(async () => this.#machine?.stop({ silently: true }));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
