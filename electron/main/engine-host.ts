import { fileURLToPath } from 'node:url';
import {
  MessageChannelMain,
  utilityProcess,
  type UtilityProcess,
  type WebContents,
} from 'electron/main';
import { shellEvents } from '../../engine/contract/app/channels.js';
import type {
  BootFiles,
  GrantedFile,
  HostHealth,
  HostState,
} from '../../engine/contract/app/shell.js';
import { reportFrame, type FileUse, type OrderFrame } from '../../engine/contract/app/wire.js';
import { GrantedFiles } from './granted-files.js';
import { Heartbeat } from './heartbeat.js';

const entry = fileURLToPath(new URL('../host/main.js', import.meta.url));

/** Milliseconds. Tests, which stop the host to see it noticed, ping more often. */
const pingInterval = Number(process.env['KBL_APP_PING']) || 2_000;
/** Pings. A long synchronous step of the engine (writing a recipe) takes a few seconds. */
const unansweredLimit = 8;
/** Milliseconds from asking a host to end until SIGTERM, and from that to SIGKILL. */
const stopGrace = 5_000;
const killGrace = 1_000;
/** A host that dies this often within a minute is not started again by itself. */
const restartLimit = 5;

/** The engine host's process: starts it, watches it, starts it again, connects windows to it. */
export class EngineHost {
  readonly #onHealth: (health: HostHealth) => void;
  readonly #files = new GrantedFiles();
  readonly #heartbeat = new Heartbeat(unansweredLimit);
  readonly #windows = new Set<WebContents>();
  #process: UtilityProcess | undefined;
  #health: HostHealth = { state: 'stopped', restarts: 0, lastExit: null };
  #workspace = '';
  #bootFiles: BootFiles | undefined;
  #exits: number[] = [];
  #stopping = false;
  #expected = false;
  #restarting: Promise<void> | undefined;

  constructor(onHealth: (health: HostHealth) => void) {
    this.#onHealth = onHealth;
    setInterval(() => this.#ping(), pingInterval).unref();
  }

  get health(): HostHealth {
    return this.#health;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(workspace: string | null): void {
    this.#workspace = workspace ?? '';
    this.#heartbeat.answered();
    this.#set('starting');
    const child = utilityProcess.fork(entry, [this.#workspace], {
      serviceName: 'Kernel Boot Lab engine',
    });
    this.#process = child;
    child.on('spawn', () => {
      for (const order of this.#files.orders) this.#send(order);
      if (this.#bootFiles) this.#send({ kind: 'boot-with', files: this.#bootFiles });
      this.#set('running');
      for (const contents of this.#windows) this.#connect(contents);
    });
    child.on('message', (data: unknown) => this.#report(data));
    child.on('exit', (code) => this.#ended(child, code));
  }

  /** Gives a window, now and after each restart, a port of its own. */
  attach(contents: WebContents): void {
    if (!this.#windows.has(contents)) {
      this.#windows.add(contents);
      contents.once('destroyed', () => this.#windows.delete(contents));
    }
    if (this.#health.state !== 'starting') this.#connect(contents);
  }

  /** Lets the host use a file, and returns what the window may know of it. */
  grant(path: string, use: FileUse): Promise<GrantedFile> {
    return this.#files.grant(path, use, this.#process && ((order) => this.#send(order)));
  }

  /** Path of a file that was chosen for this; undefined for any other token. */
  granted(token: string, use: FileUse): string | undefined {
    return this.#files.path(token, use);
  }

  /** Guests that start from now on start with these; those that run go on. */
  bootWith(files: BootFiles): void {
    this.#bootFiles = files;
    if (this.#health.state !== 'starting') this.#send({ kind: 'boot-with', files });
  }

  /** Ends the host, hung or not, and starts another. Asked again meanwhile, it is still one restart. */
  restart(workspace: string | null): Promise<void> {
    this.#workspace = workspace ?? '';
    return (this.#restarting ??= this.#replace().finally(() => (this.#restarting = undefined)));
  }

  async #replace(): Promise<void> {
    this.#expected = true;
    await this.stop();
    this.#expected = false;
    this.#stopping = false;
    this.#exits = [];
    this.#health = { ...this.#health, restarts: this.#health.restarts + 1 };
    this.start(this.#workspace);
  }

  /** Asks it to end, and ends it when it does not; one that hangs hears no question. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#stopping = true;
    if (!child) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Before it is there it can be neither asked nor killed, and would come up when we are gone.
    if (child.pid === undefined) {
      await Promise.race([exited, new Promise<void>((resolve) => child.once('spawn', resolve))]);
    }
    if (this.#process !== child) return;
    this.#send({ kind: 'stop' });
    const grace = this.#health.state === 'unresponsive' ? 0 : stopGrace;
    const timer = setTimeout(() => child.kill(), grace);
    const hard = setTimeout(
      () => child.pid && process.kill(child.pid, 'SIGKILL'),
      grace + killGrace,
    );
    await exited;
    clearTimeout(timer);
    clearTimeout(hard);
  }

  #send(frame: OrderFrame): void {
    this.#process?.postMessage(frame);
  }

  #connect(contents: WebContents): void {
    const { port1, port2 } = new MessageChannelMain();
    this.#process?.postMessage({ kind: 'connect' } satisfies OrderFrame, [port1]);
    contents.postMessage(shellEvents.port, null, [port2]);
  }

  #report(data: unknown): void {
    const report = reportFrame.parse(data);
    if (report.kind === 'granted') return this.#files.acknowledge(report.token);
    this.#heartbeat.answered();
    if (this.#health.state === 'unresponsive') this.#set('running');
  }

  #ping(): void {
    const { state } = this.#health;
    if (state !== 'running' && state !== 'unresponsive') return;
    if (state === 'running' && this.#heartbeat.hangs) this.#set('unresponsive');
    this.#send({ kind: 'ping', id: 0 });
    this.#heartbeat.pinged();
  }

  #ended(child: UtilityProcess, code: number): void {
    if (child !== this.#process) return;
    this.#process = undefined;
    this.#files.hostEnded();
    if (!this.#expected) {
      this.#health = { ...this.#health, lastExit: `it ended with exit code ${code}` };
    }
    this.#set('stopped');
    if (this.#stopping) return;
    const now = Date.now();
    this.#exits = [...this.#exits.filter((time) => now - time < 60_000), now];
    if (this.#exits.length >= restartLimit) return;
    this.#health = { ...this.#health, restarts: this.#health.restarts + 1 };
    this.start(this.#workspace);
  }

  #set(state: HostState): void {
    this.#health = { ...this.#health, state };
    this.#onHealth(this.#health);
  }
}
