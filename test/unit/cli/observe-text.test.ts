import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import pc from 'picocolors';
import { observeText } from '../../../engine/cli/observe-text.js';
import { observeDocument } from '../../../engine/contract.js';

type Observed = z.infer<typeof observeDocument>;
type Changes = NonNullable<Observed['changes']>;

const digest = 'ab'.repeat(32);

/** A document that the schema accepts. */
function observed(changes: Partial<Changes> = {}, exact = true): Observed {
  return observeDocument.parse({
    schema: 'kbl-observe',
    version: 1,
    image: { file: '/k', sha256: digest, name: 'xen-6.1' },
    environment: 'xen-pv-dom0',
    cpu: 'qemu64',
    command: { program: 'qemu', argv: [], kernelCommandLine: '', xenCommandLine: null },
    observation: {
      ...{ inputHash: digest, cached: false, exact, start: 'ffffffff81000000', size: 4096 },
      ...{ physical: '2d000000', sha256: digest, emulator: 'QEMU 7.2', xen: '4.17', wall: 1500 },
    },
    changes: {
      ...{ namesFrom: 'symbols', freed: 10, unread: [] },
      text: { size: 2000, changed: 12 },
      constants: { size: 1000, changed: 7 },
      families: [{ family: 'paravirt', sites: 30, changed: 2, changedBytes: 8 }],
      direct: [{ name: 'early_xen_iret_patch', writer: 'xen_start_kernel', changedBytes: 4 }],
      owners: [
        { kind: 'table', name: 'static-key', changedBytes: 5 },
        { kind: 'ro-after-init', name: 'idt_descr', changedBytes: 2 },
      ],
      unexplained: { places: 0, bytes: 0, first: [] },
      ...changes,
    },
  });
}

const text = (document: Observed, limit = 20) => observeText(document, limit, pc.createColors(false));

describe('the text of kbl observe', () => {
  it('sums up what is explained', () => {
    const lines = text(observed()).split('\n');
    expect(lines[0]).toBe('xen-6.1 as xen-pv-dom0 with -cpu qemu64');
    expect(lines).toContain('code: 12 of 2,000 bytes changed');
    expect(lines).toContainEqual(expect.stringMatching(/^all +31 +3 +12$/));
    expect(lines).toContainEqual(expect.stringMatching(/^idt_descr +2 {2}variable/));
    expect(lines.at(-1)).toBe('every change is explained');
  });

  it('lists what is not explained, as far as the limit goes', () => {
    const place = { in: 'text' as const, address: 'ffffffff81000010', file: '90', memory: 'cc' };
    const first = ['one+0x1', 'two+0x2'].map((name) => ({ ...place, place: name }));
    const document = observed({
      text: { size: 2000, changed: 14 },
      unexplained: { places: 2, bytes: 2, first },
    });
    const lines = text(document, 1).split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^unexplained +2$/));
    expect(lines).toContain('unexplained: 2 bytes at 2 places');
    expect(lines).toContain('ffffffff81000010  one+0x1  90    cc');
    expect(lines.join('\n')).not.toContain('two+0x2');
    expect(lines.at(-1)).toBe('and 1 more (--limit, --json)');
  });

  it('does not claim more than it knows', () => {
    const unnamed = observed({ owners: [{ kind: 'unnamed', name: '', changedBytes: 7 }] }, false);
    expect(text(unnamed)).toMatch(/explained, but for 7 bytes of constants that have no names$/);
    expect(text(unnamed)).toMatch(/^stopped from outside/m);
    const unread = observed({ unread: [{ family: 'ftrace', why: 'odd entry' }] });
    expect(text(unread)).toMatch(/^the table of ftrace was not understood: odd entry$/m);
  });
});
