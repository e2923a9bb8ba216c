import { createXenSplitter, splitXenLine, type Voices } from '../../../engine/boot/index.js';
import type { KeptLine, QemuGuest } from '../../../engine/boot/index.js';
import type { StreamName } from '../../../engine/contract/app/console.js';
import type { Milliseconds } from '../../../engine/units.js';

/** A piece of a prefix that nothing followed for so long is text. */
const holdFor: Milliseconds = 50;
/** Thrice Ctrl-A hands the input of the line from dom0 to Xen, and back (xen/drivers/char/console.c). */
const ctrlA = 0x01;
const switchInput = Uint8Array.of(ctrlA, ctrlA, ctrlA);

/** What a guest says, by who says it: real serial lines, or one line told apart. */
export type Lines = Readonly<Partial<Record<StreamName, KeptLine>> & { guest: KeptLine }>;

export function linesOf(guest: QemuGuest, underXen: boolean): Lines {
  if (guest.hypervisor) return { guest, hypervisor: guest.hypervisor };
  return underXen ? sharedLine(guest) : { guest };
}

/** The two voices of a line that Xen and dom0 share. The line is held while either is. */
export function sharedLine(line: KeptLine): Lines {
  const splitter = createXenSplitter();
  const listeners = { guest: new Set<Listener>(), hypervisor: new Set<Listener>() };
  const holders = new Set<StreamName>();
  const input = inputOf(line);
  let timer: NodeJS.Timeout | undefined;

  const hand = (voices: Voices): void => {
    for (const name of ['guest', 'hypervisor'] as const) {
      if (voices[name].length > 0) for (const listener of listeners[name]) listener(voices[name]);
    }
  };
  line.onConsole((bytes) => {
    clearTimeout(timer);
    hand(splitter.push(bytes));
    if (splitter.isHolding) timer = setTimeout(() => hand(splitter.flush()), holdFor);
  });

  const voice = (name: StreamName): KeptLine => ({
    onConsole(listener) {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    write(bytes) {
      const isMine = input.isXens === (name === 'hypervisor');
      input.send(isMine ? bytes : Buffer.concat([switchInput, bytes, switchInput]));
    },
    pause() {
      holders.add(name);
      line.pause();
    },
    resume() {
      holders.delete(name);
      if (holders.size === 0) line.resume();
    },
    console() {
      const { bytes, truncated } = line.console();
      return { bytes: splitXenLine(bytes)[name], truncated };
    },
  });
  return { guest: voice('guest'), hypervisor: voice('hypervisor') };
}

type Listener = (bytes: Uint8Array) => void;

/**
 * Whose the input of a shared line is: dom0's, until someone switches it. What is sent tells, as Xen
 * counts it; what Xen says of it comes too late for the key after.
 */
function inputOf(line: KeptLine): { readonly isXens: boolean; send(bytes: Uint8Array): void } {
  let isXens = false;
  let count = 0;
  return {
    get isXens() {
      return isXens;
    },
    send(bytes) {
      for (const byte of bytes) {
        count = byte === ctrlA ? count + 1 : 0;
        if (count < switchInput.length) continue;
        isXens = !isXens;
        count = 0;
      }
      line.write(bytes);
    },
  };
}
