import type { Milliseconds } from '../units.js';
import type { Sign } from './console/signs.js';
import type { EndReason } from './outcome.js';
import { consoleFlood, type BootRequest } from './types.js';

/** After a panic, an oops or a halt: wait this long for more of its text, ... */
const quietAfterSign: Milliseconds = 2_000;
/** ... but not longer than this in all. */
const longestAfterSign: Milliseconds = 10_000;
/** A guest that is done gets this long to power off. */
const longestAfterDone: Milliseconds = 30_000;
/** A guest that has been quiet for this long is asked, this often, whether its CPU is dead. */
export const quietBeforeAsking: Milliseconds = 5_000;

/** What a look at a running guest sees. Times count from its start. */
export interface Sight {
  now: Milliseconds;
  /** When the last byte came on the console. */
  lastByte: Milliseconds;
  /** The CPU is halted with interrupts off: nothing can wake it. */
  dead: boolean;
  consoleSize: number;
  signs: readonly { sign: Sign; at: Milliseconds }[];
}

/** Whether it is time to end the guest, and why. Pure; asked ten times a second. */
export function endReason(
  request: Pick<BootRequest, 'console' | 'timeout' | 'silence' | 'flood'>,
  sight: Sight,
): EndReason | undefined {
  const { now, lastByte, signs } = sight;
  if (request.timeout !== undefined && now >= request.timeout) return 'timeout';
  if (request.silence !== undefined && now - lastByte >= request.silence) return 'silence';
  // Someone sits before an interactive guest: how long a panic stays on the screen is theirs.
  if (request.console === 'interactive') return undefined;

  const quiet = now - lastByte;
  const fate = signs.find(({ sign }) => sign.kind !== 'done');
  if (fate && (quiet >= quietAfterSign || now - fate.at >= longestAfterSign)) return 'settled';
  const done = signs.find(({ sign }) => sign.kind === 'done');
  if (done && now - done.at >= longestAfterDone) return 'settled';
  if (sight.consoleSize > (request.flood ?? consoleFlood)) return 'flood';
  if (sight.dead) return 'dead';
  return undefined;
}
