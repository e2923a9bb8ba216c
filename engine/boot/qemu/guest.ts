import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { commonErrors } from '../../errors/common.js';
import type { JobOptions } from '../../progress.js';
import type { Milliseconds } from '../../units.js';
import { followFile } from '../console/follow.js';
import { createRecorder, type ConsoleRecorder } from '../console/recorder.js';
import type { Sign } from '../console/signs.js';
import { atDeath } from '../death.js';
import { classify, type EndReason } from '../outcome.js';
import {
  defaultDoneLine,
  type BootCommand,
  type BootOutcome,
  type BootRequest,
  type BootResult,
  type Guest,
  type SerialLine,
} from '../types.js';
import { endReason } from '../watch.js';
import { runFiles } from './argv.js';
import { openHypervisorLine } from './hypervisor-line.js';
import { collectStderr, launch, makeLinks } from './launch.js';
import { isDead, whenQuiet } from './pulse.js';
import { connectQmp, type QmpClient } from './qmp.js';

/** How often a running guest is looked at. */
const lookInterval: Milliseconds = 100;
/** QEMU gets this long to end in order (its plugins write their figures then) before SIGKILL. */
const graceForQemu: Milliseconds = 3_000;

/** A serial line of which the lab keeps what came over it. */
export interface KeptLine extends SerialLine {
  /** The line so far, or whole after the end; its middle is left out when it is long. */
  console(): { bytes: Uint8Array; truncated: boolean };
}

/** A guest that QEMU runs. */
export interface QemuGuest extends Guest, KeptLine {
  /**
   * The connection to its QMP socket, of which there is one. Using it moves no count.
   * @throws boot-qmp-closed
   */
  qmp(): Promise<QmpClient>;
  /** The hypervisor's own line, where the request asked for one. */
  readonly hypervisor: KeptLine | undefined;
}

/**
 * Starts QEMU and watches it to its end: console, signs of its fate, limits,
 * cancellation. Resolves as soon as the process runs.
 * @throws cancelled, boot-qemu-missing when the program is gone since it was probed
 */
export async function startQemu(
  request: BootRequest,
  command: BootCommand,
  { signal, onProgress }: JobOptions = {},
): Promise<QemuGuest> {
  if (signal?.aborted) throw commonErrors.cancelled({ what: 'the boot' });
  const interactive = request.console === 'interactive';
  const job = `boot:${basename(request.folder)}`;
  onProgress?.({ kind: 'start', job, title: `boot as ${request.environment}` });

  const started = performance.now();
  const clock = (): Milliseconds => performance.now() - started;
  const doneLine = request.doneLine ?? defaultDoneLine;
  const recorder = createRecorder(doneLine, clock, (text) =>
    onProgress?.({ kind: 'line', job, text }),
  );
  await makeLinks(command);
  const follower = interactive
    ? undefined
    : await followFile(join(request.folder, runFiles.console), recorder.push);
  const child = await launch(command, interactive).catch(async (error: unknown) => {
    await follower?.finish();
    throw error;
  });
  const gone = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const release = atDeath(() => child.kill('SIGKILL'));
  const stderr = collectStderr(child);
  child.stdout?.on('data', recorder.push);

  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  let ended: { reason: EndReason; after: Milliseconds } | undefined;
  const end = (reason: EndReason, after = clock()): void => {
    if (ended || !running()) return;
    ended = { reason, after };
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), graceForQemu).unref();
  };
  let control: Promise<QmpClient> | undefined;
  const qmp = (): Promise<QmpClient> =>
    (control ??= connectQmp(request.folder, runFiles.qmp, running));
  const hypervisor = command.hypervisorLine
    ? openHypervisorLine(
        request.folder,
        running,
        createRecorder(doneLine, clock, () => undefined),
      )
    : undefined;
  const stopWatching = keepWatch(request, recorder, clock, async () => isDead(await qmp()), end);
  const onAbort = (): void => end('cancelled');
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) end('cancelled');

  const finish = async (): Promise<BootResult> => {
    const [code, killedBy] = await gone;
    const wall = clock();
    const hypervisorSigns = (await hypervisor?.finish()) ?? [];
    release();
    void control?.then((client) => client.close()).catch(() => {});
    stopWatching();
    signal?.removeEventListener('abort', onAbort);
    await follower?.finish();
    recorder.end();
    const verdict = classify({
      signs: inOrder([...recorder.signs, ...hypervisorSigns]),
      exit: { code, signal: killedBy },
      consoleSize: recorder.size,
      stderr: stderr(),
      tripleFault: await namesTripleFault(request.folder),
      ended,
    });
    onProgress?.({
      kind: 'end',
      job,
      result: jobResult(verdict.outcome),
      detail: verdict.evidence,
    });
    const { bytes, truncated } = recorder.contents();
    return {
      ...verdict,
      ...{ console: bytes, consoleTruncated: truncated, stderr: stderr(), command, wall },
    };
  };
  const done = finish();
  await hypervisor?.connected;

  return {
    pid: child.pid,
    command,
    done,
    onConsole: recorder.addListener,
    write(bytes) {
      if (!interactive) throw new Error('a batch guest has no keyboard');
      child.stdin?.write(bytes);
    },
    pause: () => void child.stdout?.pause(),
    resume: () => void child.stdout?.resume(),
    async stop() {
      end('cancelled');
      await done;
    },
    qmp,
    hypervisor,
    console: () => recorder.contents(),
  };
}

/** Signs of all lines as they came: which of two panics was first decides. */
function inOrder(signs: ConsoleRecorder['signs']): Sign[] {
  return [...signs].sort((a, b) => a.at - b.at).map(({ sign }) => sign);
}

/** Looks at a guest again and again, and ends it when it is time. Returns how to stop looking. */
function keepWatch(
  request: BootRequest,
  recorder: ConsoleRecorder,
  clock: () => Milliseconds,
  ask: () => Promise<boolean>,
  end: (reason: EndReason, after: Milliseconds) => void,
): () => void {
  const askIfDead = whenQuiet(ask);
  const look = async (): Promise<void> => {
    const now = clock();
    const { lastByte, signs, size: consoleSize } = recorder;
    const dead = await askIfDead(now, lastByte);
    const reason = endReason(request, { now, lastByte, signs, consoleSize, dead });
    const quiet = reason === 'silence' || reason === 'dead';
    if (reason) end(reason, quiet ? now - lastByte : now);
  };
  const looking = setInterval(() => void look(), lookInterval);
  return () => clearInterval(looking);
}

/** `-d cpu_reset` makes QEMU log the words (target/i386/tcg/excp_helper.c: check_exception). */
async function namesTripleFault(folder: string): Promise<boolean> {
  const log = await readFile(join(folder, runFiles.log), 'latin1').catch(() => '');
  return log.includes('Triple fault');
}

function jobResult(outcome: BootOutcome): 'done' | 'cancelled' | 'failed' {
  return outcome === 'completed' ? 'done' : outcome === 'cancelled' ? 'cancelled' : 'failed';
}
