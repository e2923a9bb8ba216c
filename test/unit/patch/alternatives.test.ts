import { describe, expect, it } from 'vitest';
import { addressText } from '../../../engine/kernel/address.js';
import { alternative } from '../../../engine/patch/families/alternative.js';
import { rewrite } from '../../../engine/patch/patched-text.js';
import { resolveSites } from '../../../engine/patch/resolve.js';
import { labError } from '../../support/lab-error.js';
import {
  alternativeTable,
  distance,
  replacementAt,
  tableAt,
  tableKernel,
  tableTarget,
  textAt,
  type CraftedAlternative,
} from '../../support/table-kernel.js';

/** X86_FEATURE_SMAP and X86_FEATURE_ERMS of both series. */
const smap = 9 * 32 + 20;
const erms = 9 * 32 + 9;

interface Case {
  site: readonly number[];
  replacement: readonly number[];
  rows: readonly Partial<CraftedAlternative>[];
  features?: readonly number[];
  layout?: 12 | 14;
}

function crafted({ site, replacement, rows, layout = 12 }: Case) {
  const table = alternativeTable(
    rows.map((row) => ({
      ...{ site: textAt, size: site.length, feature: smap },
      ...{ replacementSize: replacement.length, ...row },
    })),
    layout,
  );
  const version = layout === 12 ? '6.1.0' : '6.12.0';
  return tableKernel({
    text: { 0: site },
    replacement,
    tables: { '.altinstructions': table },
    version,
  });
}

/** What becomes of the site, in hexadecimal. */
function outcome(request: Case): string {
  const kernel = crafted(request);
  const sites = alternative.read(kernel)!;
  const text = rewrite(kernel);
  resolveSites(tableTarget(kernel, request.features ?? []), { family: alternative, sites }, text);
  return Buffer.from(text.get(textAt, request.site.length)).toString('hex');
}

function refusal(request: Case): () => unknown {
  return () => alternative.read(crafted(request));
}

const nops = (count: number): number[] => new Array<number>(count).fill(0x90);

describe('reading .altinstructions', () => {
  const one = { site: nops(3), replacement: [0x0f, 0x01, 0xcb] };

  it('knows the layout with the flag in the number, and the one with flags apart', () => {
    for (const layout of [12, 14] as const) {
      const rows = [{}, { not: true, feature: erms }, {}, {}, {}, {}, {}];
      const kernel = crafted({ ...one, rows, layout });
      const sites = alternative.read(kernel)!;
      expect(sites.length).toBe(7);
      const described = [0, 1].map((i) => alternative.describe(kernel, sites, i));
      expect(described).toEqual(['X86_FEATURE_SMAP', '!X86_FEATURE_ERMS']);
    }
  });

  it.each([
    ['a site outside of the code', { site: textAt + 0x2000 }, /site .* outside of the code/],
    ['a site that runs over the end', { site: textAt + 0xffe }, /site .* outside of the code/],
    ['a replacement longer than its site', { replacementSize: 4 }, /4 bytes\) is longer than/],
    ['a replacement outside of the code', { replacement: textAt - 16 }, /replacement .* outside/],
    ['a feature out of range', { feature: 24 * 32 }, /feature 768 is out of range \(768\)/],
    ['a site without bytes', { size: 0, replacementSize: 0 }, /has no bytes/],
  ])('refuses %s, with the address of the entry', (_what, second, why) => {
    const message = expect.stringMatching(why) as string;
    const entry = addressText(tableAt + 12);
    expect(refusal({ ...one, rows: [{}, second, {}] })).toThrow(
      labError('patch-table-malformed', { message }),
    );
    expect(refusal({ ...one, rows: [{}, second, {}] })).toThrow(new RegExp(`at ${entry}`));
  });

  it('refuses a table that ends in the middle of an entry', () => {
    const kernel = crafted({ ...one, rows: [{}, {}] });
    const table = kernel.sections.find(({ name }) => name === '.altinstructions')!;
    table.bytes = table.bytes.subarray(0, 20);
    expect(() => alternative.read(kernel)).toThrow(/8 of 12 bytes are there/);
  });

  it('refuses sites that share some bytes, and takes one inside of another', () => {
    const site = nops(12);
    const rows = [{ size: 8 }, { site: textAt + 4, size: 8 }];
    expect(refusal({ ...one, site, rows })).toThrow(/overlaps that of the entry at/);
    const nested = crafted({ ...one, site, rows: [{ size: 12 }, { site: textAt + 4, size: 8 }] });
    expect(alternative.read(nested)?.length).toBe(2);
  });
});

describe('alternatives until Linux 6.3', () => {
  const stac = [0x0f, 0x01, 0xcb];

  it('pads a replacement, and joins the NOPs of sites that stay', () => {
    const request = { site: nops(5), replacement: stac, rows: [{}] };
    expect(outcome({ ...request, features: [smap] })).toBe('0f01cb6690');
    expect(outcome(request)).toBe('0f1f440000');
  });

  it('uses NOPs of up to eight bytes, longest first, and leaves a single one', () => {
    const request = { replacement: stac, rows: [{ replacementSize: 0 }] };
    expect(outcome({ ...request, site: nops(11) })).toBe('0f1f8400000000000f1f00');
    expect(outcome({ ...request, site: [0x50, 0x90, 0x58, 0x90, 0x90] })).toBe('5090586690');
  });

  it('lets the last entry that matches win', () => {
    const rows = [
      { replacementSize: 1 },
      { replacement: replacementAt + 1, replacementSize: 2, feature: erms },
      { replacement: replacementAt + 3, replacementSize: 3, feature: smap, not: true },
    ];
    const request = { site: nops(4), replacement: [0xf5, 0x31, 0xc0, 0x31, 0xc9, 0xf9], rows };
    expect(outcome({ ...request, features: [smap] })).toBe('f50f1f00');
    expect(outcome({ ...request, features: [smap, erms] })).toBe('31c06690');
    expect(outcome({ ...request, features: [erms] })).toBe('31c9f990');
  });

  it('fits a call to where it goes', () => {
    const callee = textAt + 0x800;
    const replacement = [0xe8, ...distance(replacementAt + 5, callee)];
    const request = { site: nops(5), replacement, rows: [{}], features: [smap] };
    expect(outcome(request)).toBe(
      Buffer.from([0xe8, ...distance(textAt + 5, callee)]).toString('hex'),
    );
  });

  it('shortens a jump that leads forwards by less than 128 bytes', () => {
    const jump = (target: number) => ({
      ...{ site: nops(5), rows: [{}], features: [smap] },
      replacement: [0xe9, ...distance(replacementAt + 5, target)],
    });
    expect(outcome(jump(textAt + 0x40))).toBe('eb3e0f1f00');
    expect(outcome(jump(textAt + 129))).toBe('eb7f0f1f00');
    expect(outcome(jump(textAt + 130))).toBe('e97d000000');
    expect(outcome(jump(textAt - 0x10))).toBe('e9ebffffff');
  });
});

describe('alternatives since Linux 6.4', () => {
  const newer = { rows: [{}], layout: 14 as const, features: [smap] };

  it('makes one NOP of a run of any, and a jump of one that is too long', () => {
    const site = [0x66, 0x90, 0x90, 0x90, 0x50];
    expect(outcome({ ...newer, site, replacement: [], features: [] })).toBe('0f1f400050');
    const long = `eb0e${'cc'.repeat(14)}50`;
    expect(outcome({ ...newer, site: [...nops(16), 0x50], replacement: [], features: [] })).toBe(
      long,
    );
    expect(outcome({ ...newer, site: [0x50, ...nops(3)], replacement: [], features: [] })).toBe(
      '500f1f00',
    );
  });

  it('fits operands relative to the instruction wherever they are', () => {
    const target = textAt + 0x900;
    // push %rax; mov target(%rip),%eax
    const at = (start: number) => [0x50, 0x8b, 0x05, ...distance(start + 7, target)];
    const moved = Buffer.from(at(textAt)).toString('hex');
    expect(outcome({ ...newer, site: nops(8), replacement: at(replacementAt) })).toBe(`${moved}90`);
  });

  it('leaves jumps within the replacement alone, and shortens those that leave it', () => {
    const inside = [0xeb, 0x01, 0x50, 0x58];
    expect(outcome({ ...newer, site: nops(4), replacement: inside })).toBe('eb015058');
    const leaving = [0xe9, ...distance(replacementAt + 5, textAt + 0x20)];
    expect(outcome({ ...newer, site: nops(5), replacement: leaving })).toBe('eb1ecccccc');
  });

  it('pads all entries of a site to the longest', () => {
    const rows = [{ size: 3 }, { size: 6, feature: erms }];
    const request = { ...newer, rows, site: nops(6), replacement: [0x0f, 0x01, 0xcb] };
    expect(outcome(request)).toBe('0f01cb0f1f00');
  });
});

describe('what decides', () => {
  const request = { site: nops(3), replacement: [0x0f, 0x01, 0xcb], rows: [{}] };

  it('is refused where the words of features are not those of a kernel that is up', () => {
    const kernel = crafted(request);
    const target = tableTarget(kernel);
    const blank = {
      ...target,
      memory: { read: (_: number, size: number) => new Uint8Array(size) },
    };
    const sites = alternative.read(kernel)!;
    expect(() => alternative.resolver(blank, sites, rewrite(kernel))).toThrow(
      labError('patch-capabilities'),
    );
  });

  it('is unknown for kernels older than the lab has learnt', () => {
    const kernel = { ...crafted(request), version: '5.10.0' };
    const sites = alternative.read(kernel)!;
    expect(() => alternative.resolver(tableTarget(kernel), sites, rewrite(kernel))).toThrow(
      labError('patch-algorithm-unknown'),
    );
  });
});
