import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQemu, type BootRequest } from '../../engine/boot/index.js';
import { startQemu } from '../../engine/boot/qemu/guest.js';
import type { QmpClient } from '../../engine/boot/qemu/qmp.js';
import type { Bytes, PhysicalAddress, VirtualAddress } from '../../engine/units.js';
import { bootRequest } from './boot-image.js';
import { tinyInitrd } from './tiny-guest.js';

/**
 * A guest whose init said that it is done, stopped. Where its processor is just
 * then, nobody knows: the monitor hears of the last line some time later.
 */
export interface StoppedGuest {
  console: string;
  /** A register by the name that the monitor has for it, `CR4`. */
  register(name: string): Promise<bigint>;
  /** Where the guest's page tables map an address; undefined where they do not. */
  physical(address: VirtualAddress): Promise<PhysicalAddress | undefined>;
  memory(start: VirtualAddress, size: Bytes): Promise<Buffer>;
  physicalMemory(start: PhysicalAddress, size: Bytes): Promise<Buffer>;
}

/**
 * Boots an image until its init is done, stops it, and looks at it.
 * @param look what to look at; the guest ends when it is settled
 * @param changeArguments applied to the emulator's arguments
 */
export async function lookAtGuest<T>(
  root: string,
  image: Uint8Array | string,
  look: (guest: StoppedGuest) => Promise<T>,
  changes: Partial<BootRequest> = {},
  changeArguments: (argv: readonly string[]) => string[] = (argv) => [...argv],
): Promise<T> {
  const initrd = tinyInitrd(root, 'stay');
  const request = { ...bootRequest(root, image), initrd, ...changes };
  const command = await createQemu({ cacheFolder: join(root, 'cache') }).command(request);
  const guest = await startQemu(request, { ...command, argv: changeArguments(command.argv) });
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
    return await look(stoppedGuest(qmp, request.folder, console));
  } finally {
    await guest.stop();
  }
}

function stoppedGuest(qmp: QmpClient, folder: string, console: string): StoppedGuest {
  const monitor = async (line: string): Promise<string> =>
    String(await qmp.execute('human-monitor-command', { 'command-line': line }));
  const saved = async (command: 'memsave' | 'pmemsave', start: bigint, size: Bytes) => {
    // Signed, as QMP has it: JSON has no integers above 2^53, but the kernel lies just below 0.
    const val = Number(BigInt.asIntN(64, start));
    await qmp.execute(command, { val, size, filename: 'memory' });
    return readFileSync(join(folder, 'memory'));
  };
  return {
    console,
    async register(name) {
      const text = await monitor('info registers');
      return BigInt(`0x${new RegExp(`\\b${name}=([0-9a-f]+)`).exec(text)![1]!}`);
    },
    async physical(address) {
      const text = await monitor(`gva2gpa 0x${address.toString(16)}`);
      if (text.startsWith('Unmapped')) return undefined;
      return BigInt(/^gpa: (0x[0-9a-f]+|0)\s*$/.exec(text)![1]!);
    },
    memory: (start, size) => saved('memsave', start, size),
    physicalMemory: (start, size) => saved('pmemsave', start, size),
  };
}
