import type {
  EnvironmentName,
  GuestEnd,
  GuestStatus,
  StreamName,
} from '../../../engine/contract/app/console.js';
import type { Image } from '../../../engine/contract/app/images.js';
import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import type { ParamsInput } from '../../../engine/contract/app/index.js';
import type { Found, GuestTerminal } from './guest-terminal.js';
import { isUnderXen } from './targets.js';

export type Side = 'left' | 'right';

/** A stream of a guest, as its tab shows it. */
export interface Stream {
  readonly name: StreamName;
  readonly terminal: GuestTerminal;
  size: { columns: number; rows: number };
  finding: boolean;
  found: Found | undefined;
}

/** A guest's tab. `lost`: the engine host died, or it never started; `error` tells. */
export interface Guest {
  readonly key: number;
  readonly image: Pick<Image, 'sha256' | 'name'>;
  readonly params: ParamsInput<'console.boot'>;
  readonly guest: Stream;
  /** What runs below it, where something does; shown in a strip that can be hidden. */
  readonly hypervisor: Stream | undefined;
  hypervisorShown: boolean;
  /** Each stream has a serial line of its own. */
  ownLines: boolean;
  side: Side;
  state: 'starting' | 'booting' | 'running' | 'paused' | 'ended' | 'lost';
  /** The host's number; undefined before it began and after the host is gone. */
  number: number | undefined;
  pid: number | undefined;
  command: string;
  emulator: string;
  warnings: string[];
  elapsed: number;
  instructions: number | null;
  domains: GuestStatus['domains'];
  end: GuestEnd | undefined;
  error: ErrorBody | undefined;
}

interface Consoles {
  guests: Guest[];
  /** Key of the tab that is worked in. */
  current: number | undefined;
  /** The tab on top of each side, in the split view. */
  top: Record<Side, number | undefined>;
  split: boolean;
  /** The boot dialog is open, for this image or for one to be chosen. */
  booting: { image: string | undefined } | undefined;
}

/** What the console screen shows; guests go on while another screen is shown. */
export const consoles = $state<Consoles>({
  guests: [],
  current: undefined,
  top: { left: undefined, right: undefined },
  split: false,
  booting: undefined,
});

/** Where a guest stands in the split view at first: native left, Xen right. */
export function sideOf(environment: EnvironmentName): Side {
  return isUnderXen(environment) ? 'right' : 'left';
}

export function isAlive({ state }: Guest): boolean {
  return ['starting', 'booting', 'running', 'paused'].includes(state);
}

export function select({ key, side }: Guest): void {
  consoles.current = key;
  consoles.top[side] = key;
}

/** The tabs of a side, and the one on top; of all guests where the view is not split. */
export function tabsOf(side: Side | undefined): { tabs: Guest[]; shown: Guest | undefined } {
  const tabs = consoles.guests.filter((guest) => side === undefined || guest.side === side);
  const wanted = side === undefined ? consoles.current : consoles.top[side];
  return { tabs, shown: tabs.find(({ key }) => key === wanted) ?? tabs.at(-1) };
}

export function moveAcross(guest: Guest): void {
  guest.side = guest.side === 'left' ? 'right' : 'left';
  select(guest);
}

export function currentGuest(): Guest | undefined {
  return consoles.guests.find(({ key }) => key === consoles.current);
}

// Main asks before it closes a window in which guests run.
$effect.root(() => {
  $effect(() => void window.shell.guestsRun(consoles.guests.filter(isAlive).length));
});
