import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createXenSplitter, splitXenLine } from '../../../engine/boot/console/xen-lines.js';
import { bytes, realConsole, text } from './support.js';

const voices = (line: string): [string, string] => {
  const { guest, hypervisor } = splitXenLine(bytes(line));
  return [text(guest), text(hypervisor)];
};

describe('one serial line of Xen and dom0', () => {
  it('is told apart by the prefix of Xen', () => {
    expect(voices(' Xen 4.17\n(XEN) up\nLinux\n(XEN) key\nguest# ')).toEqual([
      'Linux\nguest# ',
      ' Xen 4.17\n(XEN) up\n(XEN) key\n',
    ]);
  });

  it('puts a line of dom0 together that Xen spoke into', () => {
    expect(voices('(XEN) up\n[ 0.1] Memory: 3(XEN) mm.c: note\n84 MB\n')).toEqual([
      '[ 0.1] Memory: 384 MB\n',
      '(XEN) up\n(XEN) mm.c: note\n',
    ]);
  });

  it('is the guest’s where no Xen ever speaks', () => {
    const long = 'x'.repeat(2000);
    const splitter = createXenSplitter();
    splitter.push(bytes(long));
    expect(text(splitter.push(bytes('a shell')).guest)).toBe('a shell');
  });

  it('holds back what may become a prefix, and no longer than it is told', () => {
    const splitter = createXenSplitter();
    splitter.push(bytes('(XEN) up\n'));
    expect(text(splitter.push(bytes('echo (X')).guest)).toBe('echo ');
    expect(splitter.isHolding).toBe(true);
    expect(text(splitter.flush().guest)).toBe('(X');
    expect(splitter.isHolding).toBe(false);
  });

  it('has each byte of a real console once, in order, however it is cut', () => {
    const console = realConsole('done-dom0');
    const whole = splitXenLine(console);
    expect(text(whole.hypervisor)).toContain('(XEN)');
    expect(text(whole.guest)).not.toContain('(XEN)');
    expect(whole.guest.length + whole.hypervisor.length).toBe(console.length);
    fc.assert(
      fc.property(fc.array(fc.nat(console.length), { maxLength: 40 }), (cuts) => {
        const splitter = createXenSplitter();
        const parts: Record<'guest' | 'hypervisor', Uint8Array[]> = { guest: [], hypervisor: [] };
        let at = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), console.length]) {
          const { guest, hypervisor } = splitter.push(console.subarray(at, cut));
          parts.guest.push(guest);
          parts.hypervisor.push(hypervisor);
          at = cut;
        }
        parts.guest.push(splitter.flush().guest);
        expect(text(Buffer.concat(parts.guest))).toBe(text(whole.guest));
        expect(text(Buffer.concat(parts.hypervisor))).toBe(text(whole.hypervisor));
      }),
    );
  });
});
