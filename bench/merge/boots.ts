import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  batchSilence,
  createQemu,
  defaultMachine,
  type BootResult,
} from '../../engine/boot/index.js';
import { makeInitramfs } from '../../engine/guest/initramfs.js';
import { findMarker, readCounterFile, totalsAt } from '../../engine/measure/counter-file.js';
import { markerCodes } from '../../engine/measure/marker-codes.js';
import { counterPlugin } from '../../engine/measure/plugin.js';
import { calibration } from '../../engine/measure/workloads.js';
import type { Instructions } from '../../engine/units.js';
import type { Workspace } from '../../engine/workspace/types.js';

/** What is measured of a kernel on the emulated machine itself. */
export interface Boots {
  /** Version of the emulator. */
  emulator: string;
  /** From reset to the first instruction of /init. */
  instructions(kernel: string): Promise<Instructions>;
  /**
   * The smallest memory, in MiB, with which it boots and /init runs to its end.
   * @param guess where to begin
   */
  memory(kernel: string, guess: number): Promise<number>;
}

const counts = 'counts.bin';

/** A guest that has too little memory may say nothing at all; one that boots needs seconds. */
const tooLittleSilence = 15_000;

export async function prepareBoots(workspace: Workspace): Promise<Boots> {
  const qemu = createQemu({ cacheFolder: join(workspace.folders.home, 'xen') });
  const emulator = await qemu.version();
  const library = await counterPlugin(workspace, emulator);
  const { path: initrd } = await makeInitramfs(workspace, {
    kind: 'workloads',
    workloads: [calibration.name],
  });

  async function boot<T>(
    kernel: string,
    how: { memory: number; silence: number; counted: boolean },
    read: (result: BootResult, folder: string) => Promise<T> | T,
  ): Promise<T> {
    const folder = await workspace.temporaryFolder('bench');
    try {
      const guest = await qemu.start({
        environment: 'bare',
        ...{ kernel, initrd, folder },
        machine: { ...defaultMachine, memory: how.memory },
        ...(how.counted ? { plugin: { library, arguments: { out: counts } } } : {}),
        console: 'batch',
        silence: how.silence,
      });
      return await read(await guest.done, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    emulator,
    instructions: (kernel) =>
      boot(
        kernel,
        { memory: defaultMachine.memory, silence: batchSilence, counted: true },
        async ({ outcome, evidence }, folder) => {
          if (outcome !== 'completed') throw new Error(`${kernel} does not boot: ${evidence}`);
          const table = readCounterFile(await readFile(join(folder, counts)), counts);
          const { user, kernel: inKernel } = totalsAt(table, findMarker(table, markerCodes.init)!);
          return user + inKernel;
        },
      ),
    memory: (kernel, guess) =>
      smallest(guess, (memory) =>
        boot(
          kernel,
          { memory, silence: tooLittleSilence, counted: false },
          ({ outcome }) => outcome === 'completed',
        ),
      ),
  };
}

/** The smallest number that is enough, looked for around a guess in ever larger steps, then halved. */
async function smallest(
  guess: number,
  isEnough: (value: number) => Promise<boolean>,
): Promise<number> {
  let step = 1;
  let enough = guess;
  let tooLittle = guess;
  if (await isEnough(guess)) {
    do {
      enough = tooLittle;
      tooLittle = Math.max(1, enough - step);
      step *= 2;
    } while (tooLittle > 1 && (await isEnough(tooLittle)));
  } else {
    do {
      tooLittle = enough;
      enough += step;
      step *= 2;
    } while (!(await isEnough(enough)));
  }
  while (enough - tooLittle > 1) {
    const middle = (enough + tooLittle) >> 1;
    if (await isEnough(middle)) enough = middle;
    else tooLittle = middle;
  }
  return enough;
}
