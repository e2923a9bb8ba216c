import { expect, test, vi } from 'vitest';
import { sharedLine } from '../../../electron/host/console/lines.js';
import { environmentNames } from '../../../engine/boot/types.js';
import type { BootChoices } from '../../../engine/contract/app/console.js';
import { textOf } from '../../../renderer/screens/console/buffer-text.js';
import { nextTarget, targets, whyNot } from '../../../renderer/screens/console/targets.js';

/** A serial line of which the other end is the test. */
function fakeLine() {
  const listeners: ((bytes: Uint8Array) => void)[] = [];
  let said = '';
  let typed = '';
  return {
    line: {
      onConsole(listener: (bytes: Uint8Array) => void) {
        listeners.push(listener);
        return () => undefined;
      },
      write: (bytes: Uint8Array) => void (typed += Buffer.from(bytes).toString()),
      pause: vi.fn(),
      resume: vi.fn(),
      console: () => ({ bytes: Buffer.from(said), truncated: false }),
    },
    say(text: string) {
      said += text;
      for (const listener of listeners) listener(Buffer.from(text));
    },
    typed: () => typed,
  };
}

function heardOf(lines: ReturnType<typeof sharedLine>) {
  const heard = { guest: '', hypervisor: '' };
  lines.guest.onConsole((bytes) => (heard.guest += Buffer.from(bytes).toString()));
  lines.hypervisor?.onConsole((bytes) => (heard.hypervisor += Buffer.from(bytes).toString()));
  return heard;
}

test('two streams of one line: heard apart, kept apart', () => {
  const { line, say } = fakeLine();
  const lines = sharedLine(line);
  const heard = heardOf(lines);
  say('(XEN) up\nLinux\n(X');
  say('EN) note\nguest# ');
  expect(heard).toEqual({ guest: 'Linux\nguest# ', hypervisor: '(XEN) up\n(XEN) note\n' });
  expect(Buffer.from(lines.guest.console().bytes).toString()).toBe('Linux\nguest# ');
  expect(Buffer.from(lines.hypervisor!.console().bytes).toString()).toBe(heard.hypervisor);
});

test('an open bracket that a guest echoes is shown after a moment', () => {
  vi.useFakeTimers();
  const { line, say } = fakeLine();
  const heard = heardOf(sharedLine(line));
  say('(XEN) up\n');
  say('echo (');
  expect(heard.guest).toBe('echo ');
  vi.runAllTimers();
  vi.useRealTimers();
  expect(heard.guest).toBe('echo (');
});

test('the line is held while one of its streams is', () => {
  const { line } = fakeLine();
  const lines = sharedLine(line);
  lines.guest.pause();
  lines.hypervisor!.pause();
  lines.guest.resume();
  expect(line.resume).not.toHaveBeenCalled();
  lines.hypervisor!.resume();
  expect(line.resume).toHaveBeenCalledTimes(1);
});

test('keys reach whom they are meant for, wherever the input of the line is', () => {
  const { line, typed } = fakeLine();
  const lines = sharedLine(line);
  const [toGuest, toXen] = [Buffer.from('ls\r'), Buffer.from('h')];
  lines.guest.write(toGuest);
  lines.hypervisor!.write(toXen);
  expect(typed()).toBe('ls\r\x01\x01\x01h\x01\x01\x01');
  // Someone switches by hand, key by key: from now on the input is Xen's.
  for (let i = 0; i < 3; i++) lines.guest.write(Buffer.from('\x01'));
  lines.hypervisor!.write(toXen);
  lines.guest.write(toGuest);
  expect(typed().slice(10)).toBe('\x01\x01\x01h\x01\x01\x01ls\r\x01\x01\x01');
});

test('a terminal’s lines are text as it was printed: joined where the terminal broke them', () => {
  const rows = [
    { text: 'a long li', isWrapped: false },
    { text: 'ne', isWrapped: true },
    { text: '', isWrapped: false },
    { text: 'end', isWrapped: false },
    { text: '', isWrapped: false },
  ];
  const buffer = {
    length: rows.length,
    getLine: (y: number) =>
      rows[y] && { isWrapped: rows[y].isWrapped, translateToString: () => rows[y]!.text },
  };
  expect(textOf(buffer)).toBe('a long line\n\nend\n');
});

const choices = (boots: Partial<Record<string, boolean>>): BootChoices => ({
  verdicts: environmentNames.map((environment) => ({
    environment,
    boots: boots[environment] ?? false,
    reason: `because of ${environment}`,
  })),
});

test('an environment that an image does not boot in is told with its reason', () => {
  const native = choices({ bare: true, uefi: true });
  const told = targets.map((target) => [target.id, whyNot(target, native)]);
  expect(Object.fromEntries(told)).toEqual({
    bare: null,
    'xen-pv-dom0': 'because of xen-pv-dom0',
    'xen-pvh-dom0': 'because of xen-pvh-dom0',
    uefi: null,
    both: 'xen-pv-dom0: because of xen-pv-dom0',
  });
});

test('the dialog keeps what was chosen where the image boots there, and else offers another', () => {
  expect(nextTarget('uefi', choices({ bare: true, uefi: true }))).toBe('uefi');
  expect(nextTarget('both', choices({ bare: true, uefi: true }))).toBe('bare');
  expect(nextTarget('bare', choices({ 'xen-pv-dom0': true }))).toBe('xen-pv-dom0');
  expect(nextTarget('both', choices({}))).toBe('both');
});
