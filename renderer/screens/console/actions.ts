import {
  typingLimit,
  type EnvironmentName,
  type GuestEvent,
  type GuestStatus,
  type StreamName,
} from '../../../engine/contract/app/console.js';
import type { Image } from '../../../engine/contract/app/images.js';
import type { ParamsInput } from '../../../engine/contract/app/index.js';
import { bodyOf, client } from '../../shared/client.js';
import { report, state, toast } from '../../shared/state.svelte.js';
import { GuestTerminal } from './guest-terminal.js';
import { consoles, select, sideOf, type Guest, type Stream } from './guests.svelte.js';
import { isUnderXen } from './targets.js';

/** What ends the request of each tab, and with it the guest. */
const lives = new Map<number, AbortController>();
let lastKey = 0;

/** Opens the console screen with the boot dialog, for an image or for one to be chosen. */
export function askToBoot(image?: string): void {
  state.screen = 'console';
  consoles.booting = { image };
}

/** Boots an image in a tab of its own. */
export function boot(
  image: Pick<Image, 'sha256' | 'name'>,
  environment: EnvironmentName,
  more: Omit<ParamsInput<'console.boot'>, 'image' | 'environment'>,
): void {
  const key = ++lastKey;
  const underXen = isUnderXen(environment);
  consoles.guests.push({
    ...{ key, image, params: { image: image.sha256, environment, ...more } },
    guest: makeStream(key, 'guest'),
    hypervisor: underXen ? makeStream(key, 'hypervisor') : undefined,
    ...{ hypervisorShown: true, ownLines: false },
    ...{ side: sideOf(environment), state: 'starting', number: undefined, pid: undefined },
    ...{ command: '', emulator: '', warnings: [], elapsed: 0, instructions: null, domains: null },
    ...{ end: undefined, error: undefined },
  });
  const guest = consoles.guests.at(-1)!;
  select(guest);
  start(guest);
}

/** A stream of the tab with that key. */
function makeStream(key: number, name: StreamName): Stream {
  const find = (): Guest | undefined => consoles.guests.find((guest) => guest.key === key);
  const change = (part: Partial<Stream>): void => void Object.assign(find()?.[name] ?? {}, part);
  const terminal = new GuestTerminal({
    typed: (bytes) => type(find(), name, bytes),
    acknowledged: (characters) => {
      const guest = find()?.number;
      // A host that is gone, or a guest that is closed, needs none.
      if (guest !== undefined) {
        client
          .call('console.acknowledge', { guest, stream: name, characters })
          .catch(() => undefined);
      }
    },
    resized: (columns, rows) => change({ size: { columns, rows } }),
    find: () => change({ finding: true }),
    found: (found) => change({ found }),
  });
  return { name, terminal, size: { columns: 80, rows: 24 }, finding: false, found: undefined };
}

/** Begins the request that is the guest's life. */
function start(guest: Guest): void {
  const abort = new AbortController();
  lives.set(guest.key, abort);
  Object.assign(guest, { state: 'starting', error: undefined, end: undefined });
  const onEvent = (event: GuestEvent): void => hear(guest, event);
  client
    .call('console.boot', { ...guest.params }, { signal: abort.signal, onEvent })
    .catch((error: unknown) => {
      if (abort.signal.aborted) return;
      Object.assign(guest, { state: 'lost', number: undefined, error: bodyOf(error) });
    });
}

function hear(guest: Guest, event: GuestEvent): void {
  switch (event.kind) {
    case 'output':
      return guest[event.stream]?.terminal.write(event.bytes);
    case 'status':
      guest.state = event.state;
      return count(guest, event);
    case 'ended':
      guest.state = 'ended';
      guest.end = event;
      return count(guest, event);
    case 'begun': {
      const { guest: number, pid, command, emulator, ownLines, warnings } = event;
      const note = `-- boot ${event.boot}, ${new Date().toLocaleTimeString('en-GB')} --`;
      guest.guest.terminal.restart(note);
      guest.hypervisor?.terminal.restart(note);
      Object.assign(guest, { number, pid, command, emulator, ownLines, warnings });
      Object.assign(guest, { state: 'booting', end: undefined });
      count(guest, { elapsed: 0, instructions: null, domains: null });
    }
  }
}

type Counts = Pick<GuestStatus, 'elapsed' | 'instructions' | 'domains'>;

function count(guest: Guest, { elapsed, instructions, domains }: Counts): void {
  Object.assign(guest, { elapsed, instructions, domains });
}

function type(guest: Guest | undefined, stream: StreamName, bytes: Uint8Array<ArrayBuffer>): void {
  if (guest?.number === undefined || guest.state === 'ended') return;
  for (let at = 0; at < bytes.length; at += typingLimit) {
    const piece = bytes.slice(at, at + typingLimit);
    client.call('console.type', { guest: guest.number, stream, bytes: piece }).catch(report);
  }
}

/** A serial line carries no window size: the shell is told as one would type it. */
export function tellSize(guest: Guest): void {
  const { terminal, size } = guest.guest;
  type(guest, 'guest', new TextEncoder().encode(`stty rows ${size.rows} cols ${size.columns}\r`));
  terminal.focus();
}

type Order = 'console.pause' | 'console.resume' | 'console.stop' | 'console.reset';

export function order(guest: Guest | undefined, name: Order): void {
  if (!guest) return;
  if (name === 'console.reset' && guest.number === undefined) {
    if (guest.state === 'lost') start(guest);
    return;
  }
  if (guest.number === undefined) return;
  client.call(name, { guest: guest.number }).catch(report);
  // Whoever lets a guest go on wants to type at it.
  if (name === 'console.resume' || name === 'console.reset') guest.guest.terminal.focus();
}

/** Ends the guest and takes its tab away. */
export function close(guest: Guest): void {
  lives.get(guest.key)?.abort();
  lives.delete(guest.key);
  guest.guest.terminal.dispose();
  guest.hypervisor?.terminal.dispose();
  consoles.guests = consoles.guests.filter(({ key }) => key !== guest.key);
  const next =
    consoles.guests.findLast(({ side }) => side === guest.side) ?? consoles.guests.at(-1);
  if (next) select(next);
  else consoles.current = undefined;
}

/**
 * Saves what a stream said: the host's whole log, or, when the host is gone, what the terminal
 * still has of it.
 */
export async function saveLog(guest: Guest, { name, terminal }: Stream): Promise<void> {
  try {
    const who = name === 'guest' ? '' : `-${name}`;
    const file = `${guest.image.name}-${guest.params.environment}${who}.log`.replaceAll('/', '-');
    const { number } = guest;
    if (number === undefined) {
      const saved = await window.shell.saveText(file, terminal.text);
      if (saved !== null) toast(`Saved ${saved}: what the window had of the log`);
      return;
    }
    const chosen = await window.shell.chooseSaveFile(file);
    if (!chosen) return;
    const words = { guest: number, stream: name, file: chosen.token };
    const saved = await client.call('console.save', words);
    const left = saved.truncated ? '; its middle was too long to be kept' : '';
    toast(`Saved ${chosen.name}, ${saved.size} bytes${left}`);
  } catch (error) {
    report(error);
  }
}

export function copy(text: string, what: string): void {
  window.shell.copyText(text).then(() => toast(`Copied ${what}`), report);
}
