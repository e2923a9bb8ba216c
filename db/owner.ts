import { readFileSync } from 'node:fs';

/**
 * Which process a run, an experiment or a lock belongs to, as one word:
 * `PID-START-BOOT`. A pid alone would be reused; with the start time of the
 * process (clock ticks since boot, field 22 of /proc/PID/stat, proc(5)) and the
 * kernel's boot id it names one process for ever.
 *
 * Liveness can be told only of processes in the same PID namespace: containers
 * that share a workspace must not use it at the same time.
 */
export type Owner = string;

/** The owner word of this process. */
export function thisOwner(): Owner {
  own ??= `${process.pid}-${startOf(process.pid) ?? 0}-${bootId()}`;
  return own;
}

let own: Owner | undefined;

/** The pid of an owner, for messages. */
export function pidOf(owner: Owner): number {
  return Number(owner.split('-', 1)[0]);
}

/** Whether the very process that an owner word names still lives. */
export function isAlive(owner: Owner): boolean {
  if (owner === thisOwner()) return true;
  const [, pid, start, boot] = /^(\d+)-(\d+)-(.*)$/.exec(owner) ?? [];
  return boot === bootId() && isProcess(Number(pid), Number(start));
}

/** Whether process `pid` lives and was started at `start` (clock ticks since boot). */
export function isProcess(pid: number, start: number): boolean {
  const found = startOf(pid);
  if (found !== undefined) return found === start;
  // /proc may hide the processes of other users (mount option hidepid); a
  // signal that is refused for lack of rights still tells that the pid is in use.
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process in clock ticks since boot; undefined when it is gone or a zombie. */
export function startOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // Field 2 is the command in parentheses and may contain any character, so
  // fields are counted from the last parenthesis: the next one is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === 'Z' || state === 'X') return undefined;
  return Number(fields[22 - 3]);
}

/** Changes with every boot of the machine. */
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return boot;
}

let boot: string | undefined;
