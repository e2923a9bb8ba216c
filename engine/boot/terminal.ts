import type { Readable, Writable } from 'node:stream';
import { atDeath } from './death.js';
import { createEscapeFilter } from './escapes.js';
import type { BootResult, Guest } from './types.js';

/** QEMU's own escape key, Ctrl-A, in its `-nographic` mode. */
const escapeKey = 0x01;

const help =
  'Ctrl-A x  end the guest\r\nCtrl-A h  this help\r\nCtrl-A Ctrl-A  send Ctrl-A to the guest\r\n';

/** What stdin must be able to do when it is a terminal. */
type TerminalInput = Readable & { isTTY?: boolean; setRawMode?: (mode: boolean) => unknown };

/**
 * Connects a guest's console to a terminal until the guest ends: every key
 * goes to the guest (Ctrl-C too), but for Ctrl-A and the key after it. The
 * terminal is put back as it was on every way out, also when this process
 * exits. When `output` is slow, the guest waits for it. The end of an `input`
 * that is no terminal leaves the guest running.
 */
export async function attachTerminal(
  guest: Guest,
  input: TerminalInput,
  output: Writable,
): Promise<BootResult> {
  const raw = input.isTTY === true && input.setRawMode !== undefined;
  const restore = (): void => {
    if (!raw) return;
    // Attributes off, cursor visible, autowrap on, whole screen scrolls, ordinary keys.
    output.write('\x1b[0m\x1b[?25h\x1b[?7h\x1b7\x1b[r\x1b8\x1b[?1l\x1b>\r\n');
    input.setRawMode?.(false);
  };
  const keys = createKeyFilter({
    send: (bytes) => guest.write(bytes),
    quit: () => void guest.stop(),
    help: () => output.write(`\r\n${help}`),
  });
  const onData = (bytes: Buffer): void => keys(bytes);
  const onDrain = (): void => guest.resume();
  const filter = createEscapeFilter();
  const detach = guest.onConsole((bytes) => {
    if (!output.write(filter.push(bytes))) guest.pause();
  });

  if (raw) input.setRawMode?.(true);
  const release = atDeath(restore);
  output.write('Ctrl-A x ends the guest, Ctrl-A h shows the keys.\r\n');
  output.on('drain', onDrain);
  input.on('data', onData);
  input.resume();
  try {
    return await guest.done;
  } finally {
    detach();
    input.off('data', onData);
    input.pause();
    output.off('drain', onDrain);
    release();
    restore();
  }
}

/** Takes typed bytes; finds Ctrl-A sequences, also when split over chunks. */
export function createKeyFilter(actions: {
  send(bytes: Uint8Array): void;
  quit(): void;
  help(): void;
}): (bytes: Uint8Array) => void {
  let escaped = false;
  return (bytes) => {
    const typed: number[] = [];
    for (const byte of bytes) {
      if (!escaped && byte === escapeKey) {
        escaped = true;
        continue;
      }
      if (!escaped || byte === escapeKey) typed.push(byte);
      else if (byte === 0x78) actions.quit();
      else if (byte === 0x68) actions.help();
      else typed.push(escapeKey, byte);
      escaped = false;
    }
    if (typed.length > 0) actions.send(Uint8Array.from(typed));
  };
}
