import type { Milliseconds } from '../../units.js';
import { quietBeforeAsking } from '../watch.js';
import type { QmpClient } from './qmp.js';

/** Interrupts are enabled: bit 9 of EFLAGS. */
const interruptFlag = 0x200;

/**
 * Whether the only CPU is halted with interrupts off, as kernels, Xen and
 * firmware leave it when they give up: no timer can wake it. Reads the words
 * `EFL=00000046` and `HLT=1` of `info registers`.
 */
export async function isDead(qmp: QmpClient): Promise<boolean> {
  const command = { 'command-line': 'info registers' };
  const registers = String(await qmp.execute('human-monitor-command', command));
  const flags = /\bEFL=([0-9a-f]+)/.exec(registers)?.[1];
  const halted = /\bHLT=1\b/.test(registers);
  return halted && flags !== undefined && (parseInt(flags, 16) & interruptFlag) === 0;
}

/**
 * Puts a question to a guest only while it is quiet, and seldom. A question
 * that fails counts as no: the guest is ending, or cannot be asked.
 */
export function whenQuiet(
  ask: () => Promise<boolean>,
): (now: Milliseconds, lastByte: Milliseconds) => Promise<boolean> {
  let asked: Milliseconds = 0;
  return async (now, lastByte) => {
    if (now - Math.max(asked, lastByte) < quietBeforeAsking) return false;
    asked = now;
    return ask().catch(() => false);
  };
}
