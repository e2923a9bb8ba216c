import type { Bytes, Milliseconds } from '../units.js';
import type { Sign } from './console/signs.js';
import type { BootOutcome } from './types.js';

/** Why the lab itself ended the emulator. */
export type EndReason =
  | 'cancelled'
  | 'timeout'
  | 'silence'
  | 'dead' /** the CPU is halted with interrupts off: nothing can wake it */
  | 'flood'
  | 'settled'; /** the console said how it ended, but the machine did not stop by itself */

export interface BootEvidence {
  /** What the console said, in order. */
  signs: readonly Sign[];
  /** How the emulator exited. */
  exit: { code: number | null; signal: string | null };
  consoleSize: Bytes;
  /** What the emulator said. */
  stderr: string;
  /** QEMU's log names a triple fault. */
  tripleFault: boolean;
  ended?: { reason: EndReason; after: Milliseconds } | undefined;
}

export interface Verdict {
  outcome: BootOutcome;
  /** One sentence. */
  evidence: string;
}

/**
 * Decides how a boot ended. Pure. The order matters: what the user did comes
 * first, then what kernel and hypervisor said about their own death, then the
 * emulator's, then success, and last what was only seen from outside.
 */
export function classify(evidence: BootEvidence): Verdict {
  return (
    cancelled(evidence) ??
    crashed(evidence) ??
    emulatorFailed(evidence) ??
    completed(evidence) ??
    givenUp(evidence) ??
    stopped(evidence)
  );
}

function cancelled({ ended }: BootEvidence): Verdict | undefined {
  if (ended?.reason !== 'cancelled') return undefined;
  return { outcome: 'cancelled', evidence: `ended after ${seconds(ended.after)}` };
}

/** The first panic counts, since it causes the next; an oops before it is named with it. */
function crashed({ signs }: BootEvidence): Verdict | undefined {
  const panic = signs.find(({ kind }) => kind === 'kernel-panic' || kind === 'xen-panic');
  const oops = signs.find(({ kind }) => kind === 'kernel-oops');
  const crash = panic ?? oops;
  if (crash === undefined) return undefined;
  const parts = [crash.line];
  if (panic && oops && signs.indexOf(oops) < signs.indexOf(panic)) parts.push(`after ${oops.line}`);
  if (signs.some(({ kind }) => kind === 'done')) parts.push("the guest's init had been done");
  return { outcome: crash.kind as BootOutcome, evidence: parts.join('; ') };
}

function emulatorFailed({ ended, exit, stderr }: BootEvidence): Verdict | undefined {
  if (ended !== undefined || (exit.code === 0 && exit.signal === null)) return undefined;
  if (exit.signal === 'SIGXCPU') {
    return { outcome: 'timeout', evidence: 'the emulator used up its limit of CPU time' };
  }
  const how = exit.signal === null ? `exited with status ${exit.code}` : `died of ${exit.signal}`;
  const said = stderr.trim().split('\n').at(-1);
  return {
    outcome: 'emulator-failed',
    evidence: `the emulator ${how}${said ? `: ${said}` : ' and said nothing'}`,
  };
}

function completed({ signs, ended }: BootEvidence): Verdict | undefined {
  const done = signs.find(({ kind }) => kind === 'done');
  if (done === undefined) return undefined;
  return {
    outcome: 'completed',
    evidence: ended
      ? `the guest printed ${done.line}, but did not power off and was ended`
      : `the guest printed ${done.line} and powered off`,
  };
}

function givenUp({ ended, signs, tripleFault, consoleSize }: BootEvidence): Verdict | undefined {
  if (tripleFault) {
    return { outcome: 'triple-fault', evidence: "QEMU's log names a triple fault of the CPU" };
  }
  const after = seconds(ended?.after ?? 0);
  switch (ended?.reason) {
    case 'timeout':
      return { outcome: 'timeout', evidence: `not done after ${after}` };
    case 'silence':
      return { outcome: 'silence', evidence: `nothing on the console for ${after}` };
    case 'dead':
      return {
        outcome: 'silence',
        evidence: `the CPU is halted with interrupts off; nothing on the console for ${after}`,
      };
    case 'flood':
      return {
        outcome: 'console-flood',
        evidence: `${consoleSize} bytes on the console in ${after}, and no end`,
      };
    case 'settled':
      return { outcome: 'stopped-early', evidence: signs.at(-1)?.line ?? 'the machine halted' };
    default:
      return undefined;
  }
}

function stopped({ signs }: BootEvidence): Verdict {
  const last = signs.at(-1)?.line;
  return {
    outcome: 'stopped-early',
    evidence: `the machine powered off or reset before init was done${last ? `: ${last}` : ''}`,
  };
}

function seconds(time: Milliseconds): string {
  return `${(time / 1000).toFixed(1)} s`;
}
