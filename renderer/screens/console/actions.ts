import {
  typingLimit,
  type ConsoleEnvironment,
  type GuestEvent,
} from '../../../engine/contract/app/console.js';
import type { Image } from '../../../engine/contract/app/images.js';
import type { ParamsInput } from '../../../engine/contract/app/index.js';
import { bodyOf, client } from '../../shared/client.js';
import { report, state, toast } from '../../shared/state.svelte.js';
import { GuestTerminal } from './guest-terminal.js';
import { consoles, select, sideOf, type Guest } from './guests.svelte.js';

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
  environment: ConsoleEnvironment,
  more: Omit<ParamsInput<'console.boot'>, 'image' | 'environment'>,
): void {
  const key = ++lastKey;
  const find = (): Guest | undefined => consoles.guests.find((guest) => guest.key === key);
  const terminal = new GuestTerminal({
    typed: (bytes) => type(find(), bytes),
    acknowledged: (characters) => {
      const guest = find()?.number;
      // A host that is gone, or a guest that is closed, needs none.
      if (guest !== undefined) {
        client.call('console.acknowledge', { guest, characters }).catch(() => undefined);
      }
    },
    resized: (columns, rows) => {
      const guest = find();
      if (guest) guest.size = { columns, rows };
    },
    find: () => {
      const guest = find();
      if (guest) guest.finding = true;
    },
  });
  consoles.guests.push({
    ...{ key, image, params: { image: image.sha256, environment, ...more }, terminal },
    ...{ side: sideOf(environment), state: 'starting', number: undefined, pid: undefined },
    ...{ command: '', emulator: '', warnings: [], elapsed: 0, instructions: null },
    ...{ end: undefined, error: undefined, size: { columns: 80, rows: 24 }, finding: false },
  });
  const guest = find()!;
  select(guest);
  start(guest);
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
      return guest.terminal.write(event.bytes);
    case 'status':
      guest.state = event.state;
      guest.elapsed = event.elapsed;
      guest.instructions = event.instructions;
      return;
    case 'ended':
      guest.state = 'ended';
      guest.elapsed = event.elapsed;
      guest.instructions = event.instructions;
      guest.end = event;
      return;
    case 'begun': {
      const { guest: number, pid, command, emulator, warnings } = event;
      guest.terminal.restart();
      Object.assign(guest, { number, pid, command, emulator, warnings });
      Object.assign(guest, { state: 'booting', end: undefined, elapsed: 0, instructions: null });
    }
  }
}

function type(guest: Guest | undefined, bytes: Uint8Array<ArrayBuffer>): void {
  if (guest?.number === undefined || guest.state === 'ended') return;
  for (let at = 0; at < bytes.length; at += typingLimit) {
    const piece = bytes.slice(at, at + typingLimit);
    client.call('console.type', { guest: guest.number, bytes: piece }).catch(report);
  }
}

/** A serial line carries no window size: the shell is told as one would type it. */
export function tellSize(guest: Guest): void {
  const { columns, rows } = guest.size;
  type(guest, new TextEncoder().encode(`stty rows ${rows} cols ${columns}\r`));
  guest.terminal.focus();
}

type Order = 'console.pause' | 'console.resume' | 'console.stop' | 'console.reset';

export function order(guest: Guest | undefined, name: Order): void {
  if (!guest) return;
  if (name === 'console.reset' && guest.number === undefined) {
    if (guest.state === 'lost') start(guest);
    return;
  }
  if (guest.number !== undefined) client.call(name, { guest: guest.number }).catch(report);
}

/** Ends the guest and takes its tab away. */
export function close(guest: Guest): void {
  lives.get(guest.key)?.abort();
  lives.delete(guest.key);
  guest.terminal.dispose();
  consoles.guests = consoles.guests.filter(({ key }) => key !== guest.key);
  const next =
    consoles.guests.findLast(({ side }) => side === guest.side) ?? consoles.guests.at(-1);
  if (next) select(next);
  else consoles.current = undefined;
}

export async function saveLog(guest: Guest): Promise<void> {
  try {
    const name = `${guest.image.name}-${guest.params.environment}.log`.replaceAll('/', '-');
    const file = await window.shell.chooseSaveFile(name);
    if (!file || guest.number === undefined) return;
    const saved = await client.call('console.save', { guest: guest.number, file: file.token });
    const left = saved.truncated ? '; its middle was too long to be kept' : '';
    toast(`Saved ${file.name}, ${saved.size} bytes${left}`);
  } catch (error) {
    report(error);
  }
}

export function copy(text: string, what: string): void {
  window.shell.copyText(text).then(() => toast(`Copied ${what}`), report);
}
