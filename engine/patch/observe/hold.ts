import {
  lastLines,
  type BootRequest,
  type BootResult,
  type QemuEmulator,
  type QmpClient,
} from '../../boot/index.js';
import { bootErrors } from '../../errors/boot.js';
import { commonErrors } from '../../errors/common.js';
import { holdLine } from '../../guest/initramfs.js';
import type { Milliseconds } from '../../units.js';

/** How long line and stop may be apart: the console is read a little later than it is written. */
const patience: Milliseconds = 10_000;

/** A machine that was stopped, with a kernel in its memory that has settled. */
export interface HeldMachine {
  qmp: QmpClient;
  /** See ObservationRecord. */
  exact: boolean;
}

/**
 * Boots, waits until the guest has stopped its machine, and lets `look` look at it; then the
 * machine is gone.
 * @param onLine hears the console, line by line
 * @throws boot-not-completed, boot-qmp-*, cancelled, and what `look` throws
 */
export async function withHeldMachine<T>(
  emulator: QemuEmulator,
  request: BootRequest,
  { onLine, signal }: { onLine: (text: string) => void; signal: AbortSignal | undefined },
  look: (machine: HeldMachine) => Promise<T>,
): Promise<{ looked: T; result: BootResult }> {
  const line = signalled();
  const guest = await emulator.start(
    { ...request, atShutdown: 'pause' },
    {
      signal,
      onProgress: (event) => {
        // Its own start and end say nothing: this guest always ends by being cancelled.
        if (event.kind !== 'line') return;
        onLine(event.text);
        if (event.text.trim() === holdLine) line.give();
      },
    },
  );
  const ended = guest.done.then((result): never => {
    if (signal?.aborted) throw commonErrors.cancelled({ what: 'the observation' });
    const { outcome, evidence } = result;
    throw bootErrors.notCompleted({
      ...{ image: request.kernel, outcome, evidence, lines: lastLines(result.console, 5) },
    });
  });
  ended.catch(() => {});
  const hold = async (): Promise<T> => {
    const qmp = await guest.qmp();
    const exact = await stopped(qmp, line.given);
    return look({ qmp, exact });
  };
  try {
    const looked = await Promise.race([hold(), ended]);
    await guest.stop();
    return { looked, result: await guest.done };
  } catch (error) {
    await guest.stop();
    // What the end of the guest made fail says less than the end itself.
    throw signal?.aborted ? commonErrors.cancelled({ what: 'the observation' }, error) : error;
  }
}

/** Waits for line and stop, in whichever order they are seen. Returns whether the stop was exact. */
async function stopped(qmp: QmpClient, line: Promise<void>): Promise<boolean> {
  const stop = signalled();
  qmp.onEvent(({ event }) => {
    if (event === 'STOP') stop.give();
  });
  const { running } = (await qmp.execute('query-status')) as { running: boolean };
  if (!running) stop.give();
  await Promise.race([line, stop.given]);
  if (await within(patience, Promise.all([line, stop.given]))) return true;
  // It reset or powered off on the way: with that the boot ends, and is judged as any.
  if (!(await within(0, line))) return new Promise(() => void qmp.execute('quit').catch(() => {}));
  await qmp.execute('stop');
  return false;
}

interface Signalled {
  given: Promise<void>;
  give(): void;
}

function signalled(): Signalled {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}

async function within(time: Milliseconds, awaited: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), time)));
  try {
    return await Promise.race([awaited.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
