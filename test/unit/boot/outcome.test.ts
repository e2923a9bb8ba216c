import { describe, expect, it } from 'vitest';
import { scanConsole } from '../../../engine/boot/console/scanner.js';
import { classify, type BootEvidence } from '../../../engine/boot/outcome.js';
import { bytes, realConsole } from './support.js';

function verdict(console: Uint8Array | string, changes: Partial<BootEvidence> = {}) {
  const contents = typeof console === 'string' ? bytes(console) : console;
  return classify({
    signs: scanConsole(contents, 'KBL-DONE'),
    exit: { code: 0, signal: null },
    consoleSize: contents.length,
    stderr: '',
    tripleFault: false,
    ...changes,
  });
}

describe('the outcome of a real console', () => {
  it.each([
    ['done-bare', 'completed', 'the guest printed KBL-DONE and powered off'],
    ['done-dom0', 'completed', 'the guest printed KBL-DONE and powered off'],
    ['panic-bare', 'kernel-panic', /^Kernel panic - not syncing: No working init found/],
    ['panic-dom0', 'kernel-panic', /^Kernel panic - not syncing: No working init found/],
    ['oops-bare', 'kernel-panic', /Attempted to kill init!.*; after invalid opcode: 0000 \[#1\]/],
    ['oops-dom0', 'kernel-panic', /Attempted to kill init!.*; after invalid opcode: 0000 \[#1\]/],
    ['xen-panic', 'xen-panic', 'Panic on CPU 0: Could not construct domain 0'],
    ['off', 'stopped-early', /powered off or reset before init was done/],
  ])('%s is %s', (name, outcome, evidence) => {
    const found = verdict(realConsole(name));
    expect(found.outcome).toBe(outcome);
    expect(found.evidence).toMatch(evidence);
  });
});

describe('the outcome', () => {
  const oops = 'BUG: kernel NULL pointer dereference, address: 0000000000000000\n';
  const panic = '[    1.234567] Kernel panic - not syncing: Fatal exception\n';

  it('is an oops when the kernel went on, though init was done', () => {
    const found = verdict(`${oops}KBL-DONE\n`);
    expect(found.outcome).toBe('kernel-oops');
    expect(found.evidence).toMatch(/NULL pointer.*init had been done/);
  });

  it('drops the time stamp of printk from the evidence', () => {
    expect(verdict(panic).evidence).toBe('Kernel panic - not syncing: Fatal exception');
  });

  it('finds a panic that begins in the middle of a line of Xen', () => {
    expect(verdict(`(XEN) d0 has${panic}`).outcome).toBe('kernel-panic');
  });

  it('is what the user did, whatever was on the console', () => {
    const ended = { reason: 'cancelled', after: 1234 } as const;
    expect(verdict(panic, { ended })).toEqual({
      outcome: 'cancelled',
      evidence: 'ended after 1.2 s',
    });
  });

  it('is completed when the guest was done and had to be ended', () => {
    const ended = { reason: 'settled', after: 1 } as const;
    expect(verdict('KBL-DONE\r\n', { ended }).outcome).toBe('completed');
  });

  it.each(['echo KBL-DONE', 'KBL-DONE?', 'Command line: init=KBL-DONE'])(
    'is not completed by a line that only contains the done line: %s',
    (line) => expect(verdict(`${line}\n`).outcome).toBe('stopped-early'),
  );

  it('is not completed when the emulator crashed after the done line', () => {
    const exit = { code: null, signal: 'SIGSEGV' };
    expect(verdict('KBL-DONE\n', { exit })).toEqual({
      outcome: 'emulator-failed',
      evidence: 'the emulator died of SIGSEGV and said nothing',
    });
  });

  it('quotes what the emulator said', () => {
    const changes = { exit: { code: 1, signal: null }, stderr: 'one\nqemu: no kernel\n' };
    expect(verdict('', changes).evidence).toBe(
      'the emulator exited with status 1: qemu: no kernel',
    );
  });

  it('is a timeout when the limit of CPU time struck', () => {
    expect(verdict('', { exit: { code: null, signal: 'SIGXCPU' } }).outcome).toBe('timeout');
  });

  it.each([
    ['timeout', 'timeout', /not done after 9.0 s/],
    ['silence', 'silence', /nothing on the console for 9.0 s/],
    ['dead', 'silence', /halted with interrupts off/],
    ['flood', 'console-flood', /^5 bytes on the console in 9.0 s/],
  ] as const)('names why it was given up: %s', (reason, outcome, evidence) => {
    const found = verdict('12345', { ended: { reason, after: 9000 } });
    expect(found.outcome).toBe(outcome);
    expect(found.evidence).toMatch(evidence);
  });

  it('is a triple fault when the log names one', () => {
    expect(verdict('Linux version\n', { tripleFault: true }).outcome).toBe('triple-fault');
  });

  it('is completed when an init that is done resets by a triple fault', () => {
    expect(verdict('KBL-DONE\n', { tripleFault: true }).outcome).toBe('completed');
  });

  it('is stopped early, with the evidence, when dom0 halted under Xen', () => {
    const ended = { reason: 'settled', after: 1 } as const;
    const line = "(XEN) Hardware Dom0 shutdown: 'noreboot' set - not rebooting.\n";
    expect(verdict(line, { ended })).toEqual({
      outcome: 'stopped-early',
      evidence: "Hardware Dom0 shutdown: 'noreboot' set - not rebooting.",
    });
  });
});
