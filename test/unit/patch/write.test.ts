import { describe, expect, it } from 'vitest';
import { extractVmlinux, readBzImage } from '../../../engine/bzimage/index.js';
import { rewrite, type Write } from '../../../engine/patch/patched-text.js';
import type { PatchKernel, Relocations } from '../../../engine/patch/kernel.js';
import { movedFields } from '../../../engine/patch/write/moved-fields.js';
import { packPayload } from '../../../engine/patch/write/pack.js';
import { changeRelocations } from '../../../engine/patch/write/relocations.js';
import { readKernelImage } from '../../../engine/recipe/index.js';
import { buildBzImage } from '../../support/bzimage-builder.js';
import { buildKernelElf } from '../../support/elf-builder.js';
import { labError } from '../../support/lab-error.js';
import { recipeKernel } from '../../support/recipe-kernel.js';
import { distance, replacementAt, tableKernel, textAt } from '../../support/table-kernel.js';
import { testFolder } from '../../support/test-folder.js';

describe('packing a payload', () => {
  const vmlinux = buildKernelElf({ banner: 'Linux version 6.1.0 '.repeat(500) });
  const pack = async (codec: Parameters<typeof packPayload>[1], room = Infinity) =>
    packPayload(vmlinux, codec, room, await testFolder());

  it.each(['gzip', 'xz', 'zstd', 'none'] as const)('unpacks again: %s', async (codec) => {
    const payload = await pack(codec);
    const extracted = await extractVmlinux(readBzImage(buildBzImage({ payload })));
    expect(extracted.codec).toBe(codec);
    expect(Buffer.compare(extracted.bytes, vmlinux)).toBe(0);
    if (codec === 'none') return;
    // The kernel's decompressor is told by these four bytes how much memory it needs.
    expect(Buffer.from(payload).readUInt32LE(payload.length - 4)).toBe(vmlinux.length);
  });

  it('packs tighter where there is less room', async () => {
    const usual = await pack('gzip');
    const tighter = await pack('gzip', usual.length - 1);
    expect(tighter.length).toBeLessThan(usual.length);
    // And hands over what it has where nothing fits: whoever puts it in its place says so.
    expect(await pack('gzip', 1)).toEqual(tighter);
  });

  it('refuses a codec that it cannot pack with, and to go on when it is cancelled', async () => {
    await expect(pack('lz4')).rejects.toThrow(labError('patch-codec'));
    const folder = await testFolder();
    const signal = AbortSignal.abort();
    await expect(packPayload(vmlinux, 'gzip', 1, folder, { signal })).rejects.toThrow(
      labError('cancelled'),
    );
  });
});

describe('changing relocation lists', () => {
  const functions = [1, 2, 3, 4].map((seed) => ({ seed, calls: [1, 2, 3] }));

  function listsOf(payload: Uint8Array): Record<keyof Relocations, number[]> {
    const { relocations, view } = readKernelImage(payload);
    const list = ({ offset, size }: { offset: number; size: number }): number[] =>
      Array.from({ length: size / 4 }, (_, i) => view.getInt32(offset + 4 * i, true));
    const { abs32, abs64, inverse32 } = relocations;
    return { abs32: list(abs32), abs64: list(abs64), inverse32: list(inverse32) };
  }

  it('drops from each list, adds in order, and leaves the ELF alone', () => {
    const payload = recipeKernel(functions);
    const before = listsOf(payload);
    expect(Object.values(before).every((list) => list.length >= 4)).toBe(true);
    const dropped = new Set([before.abs32[1]!, before.abs64[0]!, before.inverse32[2]!]);
    const added = new Set([before.abs32[0]! + 5]);
    const added64 = new Set([before.abs64[0]! - 8]);
    const changed = Uint8Array.from(payload);
    expect(changeRelocations(changed, { dropped, added, added64 })).toBe(0);
    expect(changed).toHaveLength(payload.length);
    const kept = (list: number[]): number[] => list.filter((at) => !dropped.has(at));
    expect(listsOf(changed)).toEqual({
      abs32: [...kept(before.abs32), ...added].sort((a, b) => a - b),
      abs64: [...added64, ...kept(before.abs64)],
      inverse32: kept(before.inverse32),
    });
    const { elfEnd } = readKernelImage(payload);
    const elf = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, elfEnd);
    expect(Buffer.compare(elf(changed), elf(payload))).toBe(0);
    // One fewer in all: a word of zeros between the ELF and the lists.
    expect(readKernelImage(changed).elfEnd).toBe(elfEnd + 4);
    expect([...changed.subarray(elfEnd, elfEnd + 8)]).toEqual(Array(8).fill(0));
  });

  it('says how much room is lacking, and changes nothing', () => {
    const payload = recipeKernel(functions);
    const changed = Uint8Array.from(payload);
    const at = listsOf(payload).abs32[0]!;
    const change = { dropped: new Set([at]), added: new Set([at + 1, at + 2, at + 3]) };
    expect(changeRelocations(changed, change)).toBe(8);
    expect(Buffer.compare(changed, payload)).toBe(0);
  });

  it('has nothing to do in a kernel that cannot be moved', () => {
    const payload = recipeKernel(functions, { relocations: false });
    const changed = Uint8Array.from(payload);
    expect(changeRelocations(changed, { dropped: new Set(), added: new Set() })).toBe(0);
    expect(Buffer.compare(changed, payload)).toBe(0);
  });
});

describe('fields that moved', () => {
  const family = { family: 'alternative', index: 0 } as const;

  /** `mov $text,%rdi` at the replacement, and a site of nine bytes of NOPs with fields of its own. */
  function moved(
    write: (text: ReturnType<typeof rewrite>, replacement: Uint8Array) => void,
    isField: (write: Write) => boolean = () => false,
  ) {
    const replacement = [0x48, 0xc7, 0xc7, ...distance(0, textAt)];
    const kernel: PatchKernel = {
      ...tableKernel({ replacement }),
      relocations: {
        abs32: Float64Array.of(textAt + 0x10, textAt + 0x20, replacementAt + 3).sort(),
        inverse32: Float64Array.of(textAt + 0x30),
        abs64: Float64Array.of(textAt + 0x40),
      },
    };
    const text = rewrite(kernel);
    write(text, Uint8Array.from(replacement));
    const { dropped, added, added64 } = movedFields(kernel, text, isField, ({ index }) =>
      index === 0 ? replacementAt : undefined,
    );
    const offsets = (set: ReadonlySet<number>): number[] => [...set].map((at) => at - textAt);
    return {
      dropped: offsets(dropped).sort((a, b) => a - b),
      added: offsets(added),
      added64: offsets(added64),
    };
  }

  it('are dropped where a byte of them was overwritten, in every list', () => {
    const one = Uint8Array.of(1);
    const outcome = moved((text) => {
      const by = { ...family, index: 1 };
      // The last byte of one, the first of another, the one before a third and the one behind it.
      text.put(textAt + 0x13, one, by);
      text.put(textAt + 0x1f, one, by);
      text.put(textAt + 0x24, one, by);
      text.put(textAt + 0x30, one, by);
      text.put(textAt + 0x47, one, by);
    });
    expect(outcome).toEqual({ dropped: [0x10, 0x30, 0x40], added: [], added64: [] });
  });

  it('come along with a replacement that was copied over a site', () => {
    const outcome = moved((text, replacement) => text.put(textAt + 0x100, replacement, family));
    expect(outcome).toEqual({ dropped: [], added: [0x103], added64: [] });
  });

  it('are none where the copy was cut off, or corrected on the way', () => {
    const short = moved((text, code) => text.put(textAt + 0x100, code.subarray(0, 6), family));
    expect(short.added).toEqual([]);
    const corrected = moved((text, code) =>
      text.put(textAt + 0x100, Uint8Array.from([...code.subarray(0, 3), 9, 9, 9, 9]), family),
    );
    expect(corrected.added).toEqual([]);
  });

  it('stay listed where the replacement puts one at the same place', () => {
    const outcome = moved((text, replacement) => text.put(textAt + 0x1d, replacement, family));
    expect(outcome).toEqual({ dropped: [], added: [], added64: [] });
  });

  it('are gone again where a later family overwrote what came along', () => {
    const outcome = moved((text, replacement) => {
      text.put(textAt + 0x100, replacement, family);
      text.put(textAt + 0x103, Uint8Array.of(7), { ...family, index: 1 });
    });
    expect(outcome).toEqual({ dropped: [], added: [], added64: [] });
  });

  describe('that were written as such', () => {
    const field = { ...family, index: -1 };
    const isField = ({ index }: Write): boolean => index < 0;
    const word = (value: number): Uint8Array => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value));
      return new Uint8Array(bytes);
    };
    /** Fields at 0x40, which holds an address, and at 0x60, which does not. */
    const written = (first: number, second: number) =>
      moved((text) => {
        text.put(textAt + 0x40, word(first), field);
        text.put(textAt + 0x60, word(second), field);
      }, isField);

    it('stay where they hold another address', () => {
      expect(written(textAt + 8, 7)).toEqual({ dropped: [], added: [], added64: [] });
    });

    it('are dropped where they became NULL, and added where they were', () => {
      expect(written(0, textAt + 8)).toEqual({ dropped: [0x40], added: [], added64: [0x60] });
    });

    it('are what the last write made them', () => {
      const outcome = moved((text) => {
        text.put(textAt + 0x40, word(0), field);
        text.put(textAt + 0x40, word(textAt + 8), field);
        text.put(textAt + 0x60, word(textAt + 8), field);
        text.put(textAt + 0x60, word(0), field);
      }, isField);
      expect(outcome).toEqual({ dropped: [], added: [], added64: [] });
    });
  });
});
