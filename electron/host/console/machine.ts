import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatCommand,
  type BootResult,
  type KeptLine,
  type QemuEmulator,
  type QemuGuest,
} from '../../../engine/boot/index.js';
import type { GuestEvent, GuestStatus, StreamName } from '../../../engine/contract/app/console.js';
import { appErrors } from '../../../engine/errors/app.js';
import { liveCountsFile, readLiveCounts } from '../../../engine/measure/live-counts.js';
import type { ProgressEvent } from '../../../engine/progress.js';
import type { Milliseconds } from '../../../engine/units.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { linesOf, type Lines } from './lines.js';
import type { ConsoleRequest } from './request.js';
import { Stopwatch } from './stopwatch.js';
import { Stream } from './stream.js';

/** How often a running guest's state is told. */
const statusInterval: Milliseconds = 500;
/** What the lab's init prints when user space is up (engine/native/guest/init.c). */
const initLine = 'KBL-INIT';

export interface MachineSurroundings {
  workspace: Workspace;
  emulator: QemuEmulator;
  emit(event: GuestEvent): void;
}

/** One boot of a console's guest, from power on to its end. */
export class Machine {
  readonly #guest: QemuGuest;
  readonly #emit: (event: GuestEvent) => void;
  readonly #watch = new Stopwatch();
  readonly #streams: ReadonlyMap<StreamName, Stream>;
  readonly #timer: NodeJS.Timeout;
  #state: GuestStatus['state'] = 'booting';
  /** What it is when it is not paused. */
  #resumesAs: 'booting' | 'running' = 'booting';
  #counts: Pick<GuestStatus, 'instructions' | 'domains'> = { instructions: null, domains: null };
  #asking = false;
  #ended = false;
  #muted = false;
  /** Resolves when the emulator is gone and its end is told. */
  readonly done: Promise<void>;

  private constructor(guest: QemuGuest, lines: Lines, around: MachineSurroundings) {
    this.#guest = guest;
    this.#emit = (event) => {
      if (!this.#muted) around.emit(event);
    };
    this.#streams = new Map(
      (Object.entries(lines) as [StreamName, KeptLine][]).map(([stream, line]) => [
        stream,
        new Stream(line, (bytes) => this.#emit({ kind: 'output', stream, bytes })),
      ]),
    );
    this.#timer = setInterval(() => void this.#tell(), statusInterval);
    this.done = guest.done.then((result) => this.#end(result));
  }

  /** @throws what QemuEmulator.start throws */
  static async start(
    { boot, warnings }: ConsoleRequest,
    around: MachineSurroundings,
    place: { guest: number; boot: number },
  ): Promise<Machine> {
    const { workspace, emulator } = around;
    const folder = await workspace.temporaryFolder('console');
    // Nothing can be heard before this function has gone on: lines come with later events.
    const init: { heard?: () => void } = {};
    const onProgress = (event: ProgressEvent): void => {
      if (event.kind === 'line' && event.text.trim() === initLine) init.heard?.();
    };
    const guest = await emulator.start({ ...boot, folder }, { onProgress });
    const lines = linesOf(guest, guest.command.xenCommandLine !== undefined);
    around.emit({
      kind: 'begun',
      ...place,
      pid: guest.pid,
      command: formatCommand(guest.command),
      emulator: guest.command.versions.emulator,
      ownLines: guest.hypervisor !== undefined,
      warnings: [...warnings, ...guest.command.warnings],
    });
    const machine = new Machine(guest, lines, around);
    init.heard = () => machine.#isUp();
    void machine.#tell();
    void guest.done.then(() => rm(folder, { recursive: true, force: true }));
    return machine;
  }

  /** @throws app-stream-unknown */
  stream(name: StreamName): Stream {
    const stream = this.#streams.get(name);
    if (!stream) throw appErrors.streamUnknown({ name });
    return stream;
  }

  /** @throws boot-qmp-closed, boot-qmp-refused */
  async pause(): Promise<void> {
    await (await this.#guest.qmp()).execute('stop');
    this.#watch.pause();
    this.#state = 'paused';
    await this.#tell();
  }

  /** @throws boot-qmp-closed, boot-qmp-refused */
  async resume(): Promise<void> {
    await (await this.#guest.qmp()).execute('cont');
    this.#watch.resume();
    this.#state = this.#resumesAs;
    await this.#tell();
  }

  /** Ends the emulator. With `silently` nobody hears of it any more. */
  async stop({ silently = false } = {}): Promise<void> {
    this.#muted = silently;
    await this.#guest.stop();
    await this.done;
  }

  #isUp(): void {
    this.#resumesAs = 'running';
    if (this.#state === 'booting') this.#state = 'running';
    void this.#tell();
  }

  async #tell(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    await this.#count();
    this.#asking = false;
    if (this.#ended) return;
    const { elapsed } = this.#watch;
    this.#emit({ kind: 'status', state: this.#state, elapsed, ...this.#counts });
  }

  async #count(): Promise<void> {
    const file = join(this.#guest.command.folder, liveCountsFile);
    const [instructions, domains] = await Promise.all([this.#icount(), readLiveCounts(file)]);
    this.#counts = {
      instructions: instructions ?? this.#counts.instructions,
      domains: domains ?? this.#counts.domains,
    };
  }

  /**
   * Guest instructions since power on. `query-replay` tells the `-icount` counter
   * also where nothing is recorded or replayed (replay/replay.c: qmp_query_replay); it
   * counts what was executed, while the virtual clock runs on when the guest idles.
   */
  async #icount(): Promise<number | undefined> {
    try {
      const reply = await (await this.#guest.qmp()).execute('query-replay');
      const { icount } = reply as { icount?: unknown };
      return Number.isSafeInteger(icount) ? (icount as number) : undefined;
    } catch {
      // An emulator that is ending, or one that is older than the command (QEMU 5.2).
      return undefined;
    }
  }

  #end({ outcome, evidence, stderr }: BootResult): void {
    clearInterval(this.#timer);
    this.#ended = true;
    for (const stream of this.#streams.values()) stream.flush();
    const { elapsed } = this.#watch;
    this.#emit({ kind: 'ended', outcome, evidence, elapsed, ...this.#counts, stderr });
  }
}
