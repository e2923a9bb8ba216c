import { join } from 'node:path';
import { createQemu, type QemuEmulator } from '../../../engine/boot/index.js';
import type { GuestEvent } from '../../../engine/contract/app/console.js';
import { appErrors } from '../../../engine/errors/app.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { ConsoleGuest } from './console-guest.js';
import type { ConsoleRequest } from './request.js';

/** Every guest of every window, by its number. */
export class Consoles {
  readonly #guests = new Map<number, ConsoleGuest>();
  #emulator: QemuEmulator | undefined;
  #lastNumber = 0;

  /** One for all: it probes the installed QEMU once. */
  emulator({ folders }: Workspace): QemuEmulator {
    return (this.#emulator ??= createQemu({ cacheFolder: join(folders.home, 'xen') }));
  }

  /**
   * Boots a guest and keeps it until the signal, also after its end.
   * @throws what QemuEmulator.start throws
   */
  async keep(
    workspace: Workspace,
    request: ConsoleRequest,
    emit: (event: GuestEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const number = ++this.#lastNumber;
    const around = { workspace, emulator: this.emulator(workspace), emit };
    const guest = new ConsoleGuest(number, request, around);
    this.#guests.set(number, guest);
    try {
      await guest.reset();
      await aborted(signal);
    } finally {
      this.#guests.delete(number);
      await guest.close();
    }
  }

  /** @throws app-guest-unknown */
  get(number: number): ConsoleGuest {
    const guest = this.#guests.get(number);
    if (!guest) throw appErrors.guestUnknown({ number });
    return guest;
  }

  /** Ends every guest: the host ends. */
  async stop(): Promise<void> {
    await Promise.all([...this.#guests.values()].map((guest) => guest.close()));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
