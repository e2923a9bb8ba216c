import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  MessageChannelMain,
  utilityProcess,
  type UtilityProcess,
  type WebContents,
} from 'electron/main';
import { shellEvents } from '../../engine/contract/app/channels.js';
import type { GrantedFile, HostHealth, HostState } from '../../engine/contract/app/shell.js';
import { reportFrame, type OrderFrame } from '../../engine/contract/app/wire.js';
import { basename } from 'node:path';

const entry = fileURLToPath(new URL('../host/main.js', import.meta.url));

/** Milliseconds. A long synchronous step of the engine (writing a recipe) takes a few seconds. */
const pingInterval = 2_000;
const unresponsiveAfter = 15_000;
const stopGrace = 5_000;
/** A host that dies this often within a minute is not started again by itself. */
const restartLimit = 5;

/** The engine host's process: starts it, watches it, starts it again, connects windows to it. */
export class EngineHost {
  readonly #onHealth: (health: HostHealth) => void;
  readonly #files = new Map<string, string>();
  readonly #waiting = new Map<string, () => void>();
  readonly #windows = new Set<WebContents>();
  #process: UtilityProcess | undefined;
  #health: HostHealth = { state: 'stopped', restarts: 0, lastExit: null };
  #workspace = '';
  #lastPong = 0;
  #exits: number[] = [];
  #stopping = false;
  #expected = false;

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
    this.#lastPong = Date.now();
    this.#set('starting');
    const child = utilityProcess.fork(entry, [this.#workspace], {
      serviceName: 'Kernel Boot Lab engine',
    });
    this.#process = child;
    child.on('spawn', () => {
      for (const [token, path] of this.#files) this.#send({ kind: 'grant', token, path });
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
  async grant(path: string): Promise<GrantedFile> {
    const token = randomUUID();
    this.#files.set(token, path);
    // A host that is not there, or dies before it answers, gets every file when the next one starts.
    if (this.#process) {
      const settled = new Promise<void>((resolve) => this.#waiting.set(token, resolve));
      this.#send({ kind: 'grant', token, path });
      await settled;
    }
    return { token, name: basename(path) };
  }

  /** Ends the host, hung or not, and starts another. */
  async restart(workspace: string | null): Promise<void> {
    this.#expected = true;
    await this.stop();
    this.#expected = false;
    this.#stopping = false;
    this.#exits = [];
    this.#health = { ...this.#health, restarts: this.#health.restarts + 1 };
    this.start(workspace);
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#stopping = true;
    if (!child?.pid) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#send({ kind: 'stop' });
    const timer = setTimeout(() => child.kill(), stopGrace);
    const hard = setTimeout(
      () => child.pid && process.kill(child.pid, 'SIGKILL'),
      stopGrace + 1000,
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
    if (report.kind === 'granted') {
      this.#waiting.get(report.token)?.();
      this.#waiting.delete(report.token);
      return;
    }
    this.#lastPong = Date.now();
    if (this.#health.state === 'unresponsive') this.#set('running');
  }

  #ping(): void {
    const { state } = this.#health;
    if (state !== 'running' && state !== 'unresponsive') return;
    this.#send({ kind: 'ping', id: 0 });
    if (state === 'running' && Date.now() - this.#lastPong > unresponsiveAfter) {
      this.#set('unresponsive');
    }
  }

  #ended(child: UtilityProcess, code: number): void {
    if (child !== this.#process) return;
    this.#process = undefined;
    for (const settle of this.#waiting.values()) settle();
    this.#waiting.clear();
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
