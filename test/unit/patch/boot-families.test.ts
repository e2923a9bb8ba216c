import { describe, expect, it } from 'vitest';
import { addressText } from '../../../engine/kernel/address.js';
import { alternative } from '../../../engine/patch/families/alternative.js';
import { callThunk } from '../../../engine/patch/families/call-thunk.js';
import { endbr } from '../../../engine/patch/families/endbr.js';
import { paravirt } from '../../../engine/patch/families/paravirt.js';
import { retpoline } from '../../../engine/patch/families/retpoline.js';
import { returns } from '../../../engine/patch/families/return.js';
import { smpLock } from '../../../engine/patch/families/smp-lock.js';
import { rewrite } from '../../../engine/patch/patched-text.js';
import { resolveSites } from '../../../engine/patch/resolve.js';
import type { PatchFamily } from '../../../engine/patch/types.js';
import { labError } from '../../support/lab-error.js';
import {
  alternativeTable,
  dataAt,
  distance,
  distanceTable,
  paravirtTable,
  replacementAt,
  tableAt,
  tableKernel,
  tableTarget,
  textAt,
  wordsAt,
  type TableKernel,
} from '../../support/table-kernel.js';

const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString('hex');

interface Case extends TableKernel {
  family: PatchFamily;
  features?: readonly number[];
  /** 8-byte words of data, by address. */
  words?: Readonly<Record<number, number>>;
}

/** The first bytes of the code after the family was resolved. */
function outcome({ family, features, words, ...request }: Case, size: number): string {
  const kernel = tableKernel(request);
  const text = rewrite(kernel);
  const table = { family, sites: family.read(kernel)! };
  resolveSites(tableTarget(kernel, features, words), table, text);
  return hex(text.get(textAt, size));
}

describe('paravirt', () => {
  const slot = dataAt + 8 * 3;
  const names = {
    pv_ops: dataAt,
    pv_info: dataAt + 80,
    _paravirt_nop: textAt + 0x700,
    paravirt_BUG: textAt + 0x710,
    native_write_cr4: textAt + 0x720,
  };
  const call = [0xff, 0x15, ...distance(textAt + 6, slot)];
  const table = (type = 3, size = 6) => ({
    '.parainstructions': paravirtTable([{ site: textAt, type, size }]),
  });
  const request = { family: paravirt, text: { 0: call }, tables: table(), names };

  it('makes a call direct, and pads it', () => {
    const words = { [slot]: names.native_write_cr4 };
    expect(outcome({ ...request, words }, 6)).toBe(hex([0xe8, 0x1b, 0x07, 0, 0, 0x90]));
  });

  it('makes a call of nothing a no-op, and one of NULL a call of paravirt_BUG', () => {
    const words = { [slot]: names._paravirt_nop };
    expect(outcome({ ...request, words }, 6)).toBe('660f1f440000');
    expect(outcome({ ...request, words: { [slot]: 0 } }, 6)).toBe('e80b07000090');
  });

  it('knows the call by an absolute address', () => {
    const absolute = [0xff, 0x14, 0x25, ...distance(0, slot)];
    const words = { [slot]: names._paravirt_nop };
    const longer = { ...request, text: { 0: absolute }, tables: table(3, 7), words };
    expect(outcome(longer, 7)).toBe('0f1f8000000000');
  });

  it.each([
    ['a member that the site does not call', table(2), 'does not call member 2'],
    ['a member that pv_ops does not have', table(10), 'pv_ops has no member 10'],
    ['a site too short for a call', table(3, 4), '4 bytes, too few'],
  ])('refuses %s, with the address of the entry', (_what, tables, why) => {
    const kernel = tableKernel({ ...request, tables });
    const message = expect.stringContaining(why) as string;
    expect(() => paravirt.read(kernel)).toThrow(labError('patch-table-malformed', { message }));
    expect(() => paravirt.read(kernel)).toThrow(new RegExp(addressText(tableAt)));
  });

  it('refuses calls of any other shape', () => {
    const other = tableKernel({ ...request, text: { 0: [0xff, 0xd0, 0x90, 0x90, 0x90, 0x90] } });
    expect(() => paravirt.read(other)).toThrow(labError('patch-shape-unknown'));
  });

  it('refuses a target in whose pv_ops no functions are', () => {
    const words = { [slot]: dataAt };
    expect(() => outcome({ ...request, words }, 6)).toThrow(labError('patch-shape-unknown'));
  });

  describe('as alternatives, since Linux 6.8', () => {
    const always = 3 * 32 + 21;
    const newNames = { ...names, nop_func: textAt + 0x700, BUG_func: textAt + 0x710 };
    const direct = {
      ...{ family: paravirt, text: { 0: call }, names: newNames, version: '6.12.0' },
      replacement: [0xe8, ...distance(replacementAt + 5, newNames.BUG_func)],
    };
    const row = { site: textAt, size: 6, replacementSize: 5, feature: always, directCall: true };
    const other = { ...row, replacementSize: 0, feature: 1, directCall: false };
    const tables = { '.altinstructions': alternativeTable([row, other], 14) };

    it('are paravirt sites, and not alternatives', () => {
      const kernel = tableKernel({ ...direct, tables });
      const sites = paravirt.read(kernel)!;
      expect([sites.length, alternative.read(kernel)!.length]).toEqual([1, 1]);
      expect(paravirt.describe(kernel, sites, 0)).toBe('pv_ops+0x18');
    });

    it('become what they became before', () => {
      const words = { [slot]: newNames.native_write_cr4 };
      expect(outcome({ ...direct, tables, words }, 6)).toBe('e81b07000090');
      const nothing = { [slot]: newNames.nop_func };
      expect(outcome({ ...direct, tables, words: nothing }, 6)).toBe('660f1f440000');
      expect(outcome({ ...direct, tables, words: { [slot]: 0 } }, 6)).toBe('e80b07000090');
    });

    it('are refused where another alternative may have taken the call away', () => {
      const late = { '.altinstructions': alternativeTable([other, row], 14) };
      const kernel = tableKernel({ ...direct, tables: late });
      expect(() => paravirt.read(kernel)).toThrow(labError('patch-table-malformed'));
    });
  });
});

/** X86_FEATURE_RETPOLINE, _RETPOLINE_LFENCE, _RETHUNK and _INDIRECT_THUNK_ITS of Linux 6.1. */
const [retpolineNeeded, lfence, rethunk, its] = [364, 365, 366, 677];

/** Tables that depend on features need to know which NOPs the kernel has: by its alternatives. */
const alternatives = alternativeTable([
  { site: textAt + 0x600, size: 1, replacementSize: 0, feature: 1 },
]);

describe('retpoline', () => {
  const array = textAt + 0x400;
  const itsArray = textAt + 0xa00;
  const names = { __x86_indirect_thunk_array: array, __x86_indirect_its_thunk_array: itsArray };
  const thunk = (register: number): number => array + 32 * register;
  const at = (...bytes: number[]) => ({ 0: bytes });
  const request = {
    ...{ family: retpoline, names },
    tables: { '.retpoline_sites': distanceTable([textAt]) },
  };
  const withAlternatives = {
    ...request,
    tables: { ...request.tables, '.altinstructions': alternativesBehind() },
  };

  /** The second table of a kernel lies 64 KB behind the first. */
  function alternativesBehind(): Uint8Array {
    const shifted = Uint8Array.from(alternatives);
    const view = new DataView(shifted.buffer);
    for (const field of [0, 4]) view.setInt32(field, view.getInt32(field, true) - 0x1_0000, true);
    return shifted;
  }

  it.each([
    ['call', [0xe8, ...distance(textAt + 5, thunk(0))], 'ffd00f1f00', '0faee8ffd0'],
    [
      'call *%r11',
      [0x2e, 0xe8, ...distance(textAt + 6, thunk(11))],
      '41ffd30f1f00',
      '0faee841ffd3',
    ],
    ['jmp', [0xe9, ...distance(textAt + 5, thunk(2))], 'ffe2cc6690', '0faee8ffe2'],
    ['jmp *%r8', [0xe9, ...distance(textAt + 5, thunk(8))], '41ffe0cc90', null],
    ['je', [0x0f, 0x84, ...distance(textAt + 6, thunk(1))], '7504ffe1cc90', null],
  ])(
    'makes %s an indirect branch, behind LFENCE where there is room',
    (_what, code, plain, fenced) => {
      const here = { ...withAlternatives, text: at(...code) };
      expect(outcome(here, code.length)).toBe(plain);
      const needsFence = { ...here, features: [retpolineNeeded, lfence] };
      expect(outcome(needsFence, code.length)).toBe(fenced ?? hex(code));
      expect(outcome({ ...here, features: [retpolineNeeded] }, code.length)).toBe(hex(code));
    },
  );

  it('is refused in a kernel without alternatives, by which its NOPs are known', () => {
    const code = [0xe8, ...distance(textAt + 5, thunk(0))];
    expect(() => outcome({ ...request, text: at(...code) }, 5)).toThrow(
      labError('patch-algorithm-unknown'),
    );
  });

  it('branches to an ITS thunk from the lower half of a cache line', () => {
    const code = [0xe8, ...distance(textAt + 5, thunk(3))];
    const moved = hex([0xe8, ...distance(textAt + 5, itsArray + 64 * 3)]);
    expect(outcome({ ...withAlternatives, text: at(...code), features: [its] }, 5)).toBe(moved);
  });

  it.each([
    ['a thunk of the stack pointer', [0xe8, ...distance(textAt + 5, thunk(4))]],
    ['the middle of a thunk', [0xe8, ...distance(textAt + 5, thunk(3) + 1)]],
    ['no thunk', [0xe8, ...distance(textAt + 5, thunk(16))]],
    ['no branch', [0x48, ...distance(textAt + 5, thunk(0))]],
  ])('refuses %s', (_what, code) => {
    const kernel = tableKernel({ ...request, text: at(...code) });
    expect(() => retpoline.read(kernel)).toThrow(labError('patch-shape-unknown'));
  });
});

describe('return', () => {
  const names = {
    __x86_return_thunk: textAt + 0x800,
    srso_return_thunk: textAt + 0x900,
    its_return_thunk: textAt + 0xa20,
    x86_return_thunk: dataAt,
  };
  const request = {
    ...{ family: returns, names, text: { 0: [0xe9, ...distance(textAt + 5, textAt + 0x800)] } },
    tables: { '.return_sites': distanceTable([textAt]) },
    words: { [dataAt]: names.srso_return_thunk },
  };

  it('is a plain return, or a jump to the thunk that the processor needs', () => {
    expect(outcome(request, 5)).toBe('c3cccccccc');
    const moved = hex([0xe9, ...distance(textAt + 5, names.srso_return_thunk)]);
    expect(outcome({ ...request, features: [rethunk] }, 5)).toBe(moved);
  });

  it('is refused where it is none', () => {
    const other = { ...request, text: { 0: [0xe9, 0, 0, 0, 0] } };
    expect(() => outcome(other, 5)).toThrow(labError('patch-shape-unknown'));
  });
});

describe('smp-lock', () => {
  const text = { 0: [0xf0, 0x90, 0x3e, 0xf0] };
  const sites = [textAt, textAt + 1, textAt + 3];
  const request = {
    ...{ family: smpLock, text, names: { uniproc_patched: dataAt } },
    tables: { '.smp_locks': Uint8Array.from([...distanceTable(sites), 0, 0, 0, 0]) },
  };

  it('drops lock prefixes of a kernel on one processor, and no other bytes', () => {
    expect(outcome({ ...request, words: { [dataAt]: 1 } }, 4)).toBe('3e903e3e');
    expect(outcome(request, 4)).toBe('f0903ef0');
    expect(smpLock.read(tableKernel(request))!.length).toBe(3);
  });

  it('says which name is missing', () => {
    expect(() => outcome({ ...request, names: {} }, 4)).toThrow(labError('patch-no-name'));
  });
});

describe('endbr', () => {
  const request = { family: endbr, tables: { '.ibt_endbr_seal': distanceTable([textAt]) } };

  it('is poisoned, and refused where there is none', () => {
    expect(outcome({ ...request, text: { 0: [0xf3, 0x0f, 0x1e, 0xfa] } }, 4)).toBe('660f1f00');
    expect(() => outcome({ ...request, text: { 0: [0xf3, 0x0f, 0x1e, 0xfb] } }, 4)).toThrow(
      labError('patch-shape-unknown'),
    );
  });
});

describe('call-thunk', () => {
  const request = {
    ...{ family: callThunk, version: '6.12.0', text: { 0: [0xe8, 0, 0, 0, 0] } },
    tables: { '.call_sites': distanceTable([textAt]) },
  };

  it('leaves calls alone, and says so where they would be counted', () => {
    expect(outcome(request, 5)).toBe('e800000000');
    const counted = { ...request, features: [11 * 32 + 19] };
    expect(() => outcome(counted, 5)).toThrow(labError('patch-algorithm-unknown'));
  });
});

it('refuses sites outside of the code in every table of distances, with the entry', () => {
  for (const family of [retpoline, returns, smpLock, endbr, callThunk]) {
    const section = { retpoline: '.retpoline_sites', return: '.return_sites' }[
      family.name as string
    ];
    const other = { 'smp-lock': '.smp_locks', endbr: '.ibt_endbr_seal' }[family.name as string];
    const tables = { [section ?? other ?? '.call_sites']: distanceTable([wordsAt]) };
    const entry = new RegExp(`at ${addressText(tableAt)}: its site ${addressText(wordsAt)}`);
    expect(() => family.read(tableKernel({ tables }))).toThrow(entry);
  }
});
