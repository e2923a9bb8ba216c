import type { Bytes, Milliseconds } from '../units.js';
import type { JobOptions } from '../progress.js';

/** Where an image runs, in the order in which they are offered. One file a name under `environments/`. */
export const environmentNames = ['bare', 'xen-pv-dom0', 'xen-pvh-dom0', 'uefi'] as const;
export type EnvironmentName = (typeof environmentNames)[number];

/** The machine an emulator is asked to be: everything that must be fixed for figures to repeat. */
export interface Machine {
  /** `-cpu` model. */
  cpu: string;
  /** Guest memory in MiB. Xen takes its own share of it. */
  memory: number;
  /** Memory of dom0 in MiB, under Xen. */
  dom0Memory: number;
}

/** The machine that plans start from (why these values: docs/measuring.md). */
export const defaultMachine: Readonly<Machine> = { cpu: 'qemu64', memory: 768, dom0Memory: 384 };

/** The line by which an init says that everything it was asked to do is done. */
export const defaultDoneLine = 'KBL-DONE';

export interface BootRequest {
  environment: EnvironmentName;
  /** The bzImage. */
  kernel: string;
  initrd: string;
  /** Words appended to the environment's own kernel command line. */
  append?: string | undefined;
  /** Words appended to Xen's own command line. */
  xenAppend?: string | undefined;
  machine: Machine;
  /**
   * Counter plugin to load, with its `key=value` arguments. The emulator runs
   * in `folder`: name output files relative to it, so that argv repeats.
   */
  plugin?: { library: string; arguments: Record<string, string> } | undefined;
  /**
   * `batch`: the console goes to a file, so that no reader can slow the guest
   * down and move its figures. `interactive`: a terminal is attached.
   */
  console: 'batch' | 'interactive';
  /**
   * A hypervisor keeps the first serial line for itself, and the kernel has its console on a
   * second one (`interactive` only: another machine than the one that is measured). The kernel
   * must drive a serial port itself. Without it they share the first line.
   */
  ownLines?: boolean | undefined;
  /** Private folder of this run, for sockets and console files; the caller made it. */
  folder: string;
  /** The console line that means "done" (`defaultDoneLine` when absent). */
  doneLine?: string | undefined;
  /** Give up after this much wall time. */
  timeout?: Milliseconds | undefined;
  /** Give up after this long without a byte on the console. */
  silence?: Milliseconds | undefined;
  /** Give up on a guest that prints more than this (`consoleFlood` when absent). */
  flood?: Bytes | undefined;
  /**
   * `pause`: a guest that powers off or resets its machine leaves it stopped at that very
   * instruction, with its memory, until it is ended (`exit` when absent).
   */
  atShutdown?: 'exit' | 'pause' | undefined;
}

/** The exact command, before it runs: printed by `--dry-run`, stored with the run. */
export interface BootCommand {
  program: string;
  /**
   * Names no path of this machine, only `links` and files of `folder`: equal
   * runs have equal argv.
   */
  argv: string[];
  /** Words in front of `program` that tie it to this process's life and limit its resources. */
  guard: string[];
  /** Working folder of the emulator: the request's. */
  folder: string;
  /** Symbolic links made in `folder` before the start: name to absolute target. */
  links: Record<string, string>;
  kernelCommandLine: string;
  xenCommandLine?: string | undefined;
  /** The hypervisor has a serial line of its own, at a socket of the folder. */
  hypervisorLine?: true | undefined;
  versions: { emulator: string; xen?: string | undefined };
  /** What this machine could not provide and how the run differs for it. */
  warnings: string[];
}

/** How a boot ended. Each is told apart by evidence, listed in docs/measuring.md. */
export type BootOutcome =
  | 'completed' /** the guest's init said it was done */
  | 'kernel-panic'
  | 'kernel-oops'
  | 'xen-panic'
  | 'triple-fault'
  | 'stopped-early' /** the machine powered off, reset or halted before init was done, without a panic */
  | 'silence'
  | 'timeout'
  | 'console-flood' /** the guest printed more than it may */
  | 'emulator-failed'
  | 'cancelled';

export interface BootResult {
  outcome: BootOutcome;
  /** One sentence with the evidence: the panic line, the exit status, the seconds of silence. */
  evidence: string;
  /** Everything the guest and Xen wrote to the serial console, up to `consoleLimit`. */
  console: Uint8Array;
  /** The middle of the console was dropped; a line in it says how much. */
  consoleTruncated: boolean;
  /** What the emulator itself said, its last part when it is long. */
  stderr: string;
  command: BootCommand;
  wall: Milliseconds;
}

/** A serial line of a machine. */
export interface SerialLine {
  /** Adds a reader of the line's bytes; returns a function that removes it. */
  onConsole(listener: (bytes: Uint8Array) => void): () => void;
  /** Types on the line (`interactive` only). */
  write(bytes: Uint8Array): void;
  /** Holds the line back, and with it the guest, while a terminal catches up (`interactive` only). */
  pause(): void;
  resume(): void;
}

/** A running guest, and the line that its console is on. */
export interface Guest extends SerialLine {
  readonly pid: number;
  readonly command: BootCommand;
  /** Resolves when the emulator is gone; never rejects for anything the guest did. */
  readonly done: Promise<BootResult>;
  /** Ends the emulator; `done` then resolves with `cancelled`. */
  stop(): Promise<void>;
}

/** An emulator: QEMU today, one that runs in the process tomorrow. */
export interface Emulator {
  readonly name: string;
  /** First line of its version, e.g. `QEMU emulator version 7.2.22`. */
  version(): Promise<string>;
  /** Builds the command without running it; refuses what the emulator cannot be. */
  command(request: BootRequest): Promise<BootCommand>;
  start(request: BootRequest, options?: JobOptions): Promise<Guest>;
}

/** Largest console that is kept; the middle of a longer one is dropped, and said so. */
export const consoleLimit: Bytes = 16 * 1024 * 1024;

/** `silence` for a boot that nobody watches: the longest workload says nothing for seconds. */
export const batchSilence: Milliseconds = 3 * 60_000;

/** Default of `flood`: a guest that prints more fills the disk and will not stop. */
export const consoleFlood: Bytes = 64 * 1024 * 1024;
