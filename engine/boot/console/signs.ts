/**
 * What a console says about the fate of its guest. Patterns are searched
 * anywhere in a line: printk may put a time in front, and under Xen a message
 * of one can begin in the middle of a line of the other.
 */
export type SignKind =
  | 'done' /** the init's done line */
  | 'kernel-panic'
  | 'kernel-oops'
  | 'xen-panic'
  | 'halted'; /** machine or dom0 came to rest and will not power off by itself */

export interface Sign {
  kind: SignKind;
  /** The line that says so, printable. */
  line: string;
}

const patterns: [SignKind, RegExp][] = [
  // kernel/panic.c
  ['kernel-panic', /Kernel panic - not syncing/],
  // xen/drivers/char/console.c panic(), where every fatal trap and BUG of Xen ends
  ['xen-panic', /\(XEN\) Panic on CPU \d+:/],
  // arch/x86/kernel/dumpstack.c __die_header(), with the error code and the count of oopses
  ['kernel-oops', /: [0-9a-f]{4} \[#\d+\]/],
  // arch/x86/mm/fault.c show_fault_oops(), lib/bug.c report_bug()
  ['kernel-oops', /BUG: (?:kernel NULL pointer dereference|unable to handle)|kernel BUG at /],
  // kernel/watchdog.c
  ['kernel-oops', /watchdog: BUG: soft lockup|NMI watchdog: Watchdog detected hard LOCKUP/],
  // xen/common/shutdown.c hwdom_shutdown()
  ['halted', /\(XEN\) Hardware Dom0 (?:halted|crashed|shutdown|.*not rebooting)/],
  // kernel/reboot.c kernel_halt(), arch/x86/boot/compressed/error.c
  ['halted', /reboot: System halted| -- System halted/],
];

/** The sign that a line is, if any. `doneLine` must be the whole line. */
export function signOf(line: string, doneLine: string): Sign | undefined {
  if (line.trim() === doneLine) return { kind: 'done', line: doneLine };
  for (const [kind, pattern] of patterns) {
    const found = pattern.exec(line);
    if (found) return { kind, line: sentence(line) };
  }
  return undefined;
}

/** A console line as it can stand in a message: no time stamp, printable, short. */
function sentence(line: string): string {
  return line
    .trim()
    .replace(/^(?:\[ *\d+\.\d+\]|\(XEN\)) +/, '')
    .slice(0, 300);
}

/** Xen's panic() puts its reason on the line below the headline; this joins them. */
export function withReason(panic: Sign, nextLine: string): Sign {
  return { ...panic, line: `${panic.line} ${sentence(nextLine)}` };
}
