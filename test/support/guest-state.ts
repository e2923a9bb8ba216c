import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQemu, type BootRequest } from '../../engine/boot/index.js';
import { startQemu } from '../../engine/boot/qemu/guest.js';
import { bootRequest } from './boot-image.js';
import { tinyInitrd } from './tiny-guest.js';

/** A guest whose init is done and sleeps: what its processor and its memory hold. */
export interface GuestState {
  console: string;
  registers: { rip: bigint; cr4: bigint };
  /** What was asked for. */
  memory: Buffer;
}

/** A range of virtual addresses. */
export interface MemoryRange {
  start: bigint;
  size: number;
}

/**
 * Boots an image until its init sleeps, and looks at it.
 * @param range what to read of its memory; nothing when null
 * @param changeArgument applied to each of the emulator's arguments
 */
export async function guestState(
  root: string,
  image: Uint8Array | string,
  range: MemoryRange | null,
  changes: Partial<BootRequest> = {},
  changeArgument: (argument: string) => string = (argument) => argument,
): Promise<GuestState> {
  const initrd = tinyInitrd(root, 'stay');
  const request = { ...bootRequest(root, image), initrd, ...changes };
  const command = await createQemu({ cacheFolder: join(root, 'cache') }).command(request);
  const guest = await startQemu(request, { ...command, argv: command.argv.map(changeArgument) });
  try {
    const console = await new Promise<string>((resolve, reject) => {
      let heard = '';
      guest.onConsole((bytes) => {
        heard += Buffer.from(bytes).toString('latin1');
        if (heard.includes('KBL-DONE')) resolve(heard);
      });
      void guest.done.then(({ evidence }) => reject(new Error(`${evidence}\n${heard}`)));
    });
    const qmp = await guest.qmp();
    await qmp.execute('stop');
    const text = String(
      await qmp.execute('human-monitor-command', { 'command-line': 'info registers' }),
    );
    const register = (name: string): bigint =>
      BigInt(`0x${new RegExp(`\\b${name}=([0-9a-f]+)`).exec(text)![1]!}`);
    if (range !== null) {
      await qmp.execute('memsave', {
        // Signed, as QMP has it: JSON has no integers above 2^53, but the kernel lies just below 0.
        val: Number(BigInt.asIntN(64, range.start)),
        ...{ size: range.size, filename: 'memory', 'cpu-index': 0 },
      });
    }
    return {
      console,
      registers: { rip: register('RIP'), cr4: register('CR4') },
      memory: range === null ? Buffer.alloc(0) : readFileSync(join(request.folder, 'memory')),
    };
  } finally {
    await guest.stop();
  }
}
