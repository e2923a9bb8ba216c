import type { Duplex } from 'node:stream';
import { bootErrors } from '../../errors/boot.js';
import type { Bytes, Milliseconds } from '../../units.js';
import { connectSocket } from './socket.js';

/**
 * A client of the QEMU Machine Protocol (docs/interop/qmp-spec in QEMU): JSON
 * objects, one a line; the server greets, the client negotiates, then commands
 * with ids are answered in any order and events come in between.
 */

export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

export interface QmpClient {
  /** `QMP.version` of the greeting, e.g. `{major: 7, minor: 2, micro: 22}`, and the package's own. */
  readonly version: QmpVersion;
  /** @throws boot-qmp-refused, boot-qmp-closed */
  execute(command: string, parameters?: Record<string, unknown>): Promise<unknown>;
  /** Adds a listener of events (`SHUTDOWN`, `RESET`, ...); returns a function that removes it. */
  onEvent(listener: (event: QmpEvent) => void): () => void;
  close(): void;
}

export interface QmpVersion {
  qemu: { major: number; minor: number; micro: number };
  package: string;
}

interface Message {
  QMP?: { version: QmpVersion };
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

/** QEMU greets at once, but serves one client at a time: a second one would wait for ever. */
const greetingDeadline: Milliseconds = 10_000;

/** A message is a few hundred bytes, `query-machines` about 30 KB; more than this is no QMP. */
const lineLimit: Bytes = 4 * 1024 * 1024;

/**
 * Connects to the control socket of a QEMU that runs or is just starting.
 * @param alive whether QEMU still runs: without a socket it is waited for so long
 * @throws boot-qmp-closed
 */
export async function connectQmp(
  folder: string,
  name: string,
  alive: () => boolean,
): Promise<QmpClient> {
  return startQmp(await connectSocket(folder, name, alive));
}

/** Negotiates on any stream that carries QMP. @throws boot-qmp-closed */
export async function startQmp(stream: Duplex): Promise<QmpClient> {
  const pending = new Map<
    number,
    { command: string; resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  const listeners = new Set<(event: QmpEvent) => void>();
  let nextId = 1;
  let closed: string | undefined;

  const fail = (trouble: string): void => {
    closed ??= trouble;
    clearTimeout(deadline);
    for (const { command, reject } of pending.values()) {
      reject(bootErrors.qmpClosed({ command, trouble: closed }));
    }
    pending.clear();
    stream.destroy();
  };

  const execute = (command: string, parameters?: Record<string, unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (closed !== undefined) {
        reject(bootErrors.qmpClosed({ command, trouble: closed }));
        return;
      }
      const id = nextId++;
      pending.set(id, { command, resolve, reject });
      stream.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    });

  const receive = (message: Message, greeted: (version: QmpVersion) => void): void => {
    if (message.QMP) {
      greeted(message.QMP.version);
    } else if (message.event !== undefined) {
      for (const listener of listeners) {
        listener({ event: message.event, data: message.data ?? {} });
      }
    } else if (message.id !== undefined) {
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.error) {
        const { class: name, desc } = message.error;
        waiting?.reject(
          bootErrors.qmpRefused({ command: waiting.command, class: name, description: desc }),
        );
      } else {
        waiting?.resolve(message.return);
      }
    }
  };

  const deadline = setTimeout(
    () => fail('it did not greet; is another client connected?'),
    greetingDeadline,
  );
  const version = await new Promise<QmpVersion>((greeted, refused) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      if (rest.length > lineLimit) fail('it sent a line without end');
      for (const line of lines) {
        const message = parse(line);
        if (message) receive(message, greeted);
        else fail(`it sent something that is no QMP: ${line.slice(0, 80)}`);
      }
    });
    const ended = (trouble: string): void => {
      fail(trouble);
      refused(bootErrors.qmpClosed({ command: 'the greeting', trouble: closed ?? trouble }));
    };
    stream.on('error', (error) => ended(error.message));
    stream.on('close', () => ended('the connection was closed'));
  });
  await execute('qmp_capabilities');
  clearTimeout(deadline);

  return {
    version,
    execute,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => fail('closed by the lab'),
  };
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
