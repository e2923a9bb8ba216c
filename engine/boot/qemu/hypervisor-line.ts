import type { Socket } from 'node:net';
import type { ConsoleRecorder } from '../console/recorder.js';
import { runFiles } from './argv.js';
import type { KeptLine } from './guest.js';
import { connectSocket } from './socket.js';

export interface HypervisorLine extends KeptLine {
  /** Resolves when the line is connected, or QEMU ended before it was. */
  readonly connected: Promise<void>;
  /** Takes in what is still to come when QEMU has ended; the signs on the line. */
  finish(): Promise<ConsoleRecorder['signs']>;
}

/** The hypervisor's serial line, a socket at which QEMU waits until someone reads it. */
export function openHypervisorLine(
  folder: string,
  alive: () => boolean,
  recorder: ConsoleRecorder,
): HypervisorLine {
  let socket: Socket | undefined;
  let closed: Promise<void> | undefined;
  const connected = connectSocket(folder, runFiles.hypervisor, alive).then(
    (line) => {
      closed = new Promise((resolve) => line.once('close', () => resolve()));
      // QEMU that dies resets the connection; its end is told elsewhere.
      line.on('error', () => undefined);
      line.on('data', recorder.push);
      socket = line;
    },
    () => undefined,
  );
  return {
    connected,
    onConsole: recorder.addListener,
    write: (bytes) => void socket?.write(bytes),
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    console: () => recorder.contents(),
    async finish() {
      await connected;
      // Held back, it would never reach its end.
      socket?.resume();
      await closed;
      recorder.end();
      return recorder.signs;
    },
  };
}
