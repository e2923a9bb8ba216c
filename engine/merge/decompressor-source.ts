import { decompressorErrors } from '../errors/decompressor.js';
import type { CodecName } from '../bzimage/codecs/codec.js';
import type { Bytes } from '../units.js';

/**
 * The files of arch/x86/boot that differ in a multi-image, as texts: what is
 * added to misc.c, the generated piggy.S, and the sizes in voffset.h. All pure.
 */

/**
 * The change of arch/x86/boot/compressed/misc.c: these lines behind the last
 * codec that it includes. `multi/` is a copy of engine/native/multi/.
 */
export const miscChange = `
/* The payload may be the base of several kernels: multi/multi.h. */
#include "multi/kernel.c"
#define __decompress multi_decompress
`;

const codecInclude = /^#include "\.\.\/\.\.\/\.\.\/\.\.\/lib\/decompress_\w+\.c"\n#endif\n/gm;

/**
 * misc.c with the change.
 * @param file where it was read, for the error
 * @throws merge-decompressor-unknown
 */
export function changeMisc(source: string, file: string): string {
  const last = [...source.matchAll(codecInclude)].at(-1);
  if (!last) throw decompressorErrors.sourceUnknown({ file, what: 'it includes no codec' });
  const at = last.index + last[0].length;
  if (!/\b__decompress\(/.test(source.slice(at))) {
    throw decompressorErrors.sourceUnknown({ file, what: 'it does not call __decompress()' });
  }
  return source.slice(0, at) + miscChange + source.slice(at);
}

/** Names of the payload's file and the directory's, in arch/x86/boot/compressed. */
export const payloadFile = 'multi.payload';
export const directoryFile = 'multi.directory';

/**
 * piggy.S as mkpiggy.c writes it (symbols `z_*`, `input_*` and `output_len`),
 * with the directory behind the payload, and work memory that takes no room in
 * the file. The linker puts .pgtable last, so `_end` counts the work memory, and
 * with it everything that is computed from it: `init_size`, the size that the PE
 * header asks for, and what KASLR avoids.
 * @param sizes of the payload; of what is unpacked at most; of the work memory
 */
export function piggySource(sizes: { payload: Bytes; output: Bytes; work: Bytes }): string {
  const folder = 'arch/x86/boot/compressed';
  return `.section ".rodata..compressed","a",@progbits
.globl z_input_len
z_input_len = ${sizes.payload}
.globl z_output_len
z_output_len = ${sizes.output}
.balign 16
.globl input_data, input_data_end
input_data:
.incbin "${folder}/${payloadFile}"
input_data_end:
.balign 16
.globl multi_data, multi_data_end
multi_data:
.incbin "${folder}/${directoryFile}"
multi_data_end:
.section ".rodata","a",@progbits
.balign 4
.globl input_len
input_len:
	.long ${sizes.payload}
.globl output_len
output_len:
	.long ${sizes.output}
.section ".pgtable","aw",@nobits
.balign 4096
.globl multi_work, multi_work_end
multi_work:
	.skip ${sizes.work}
multi_work_end:
`;
}

/**
 * voffset.h for kernels of up to `memory` bytes. Every `VO_*` counts from
 * VO__text: `_end` gives the memory that is reserved, `__bss_start` bounds
 * relocations, and `__start_rodata` the part that EFI makes executable.
 * @param source the tree's own voffset.h
 * @throws merge-decompressor-unknown
 */
export function changeVoffset(
  source: string,
  file: string,
  sizes: { memory: Bytes; text?: Bytes | undefined },
): string {
  const address = (symbol: string): bigint => {
    const digits = new RegExp(`^#define VO_${symbol} _AC\\(0x([0-9a-fA-F]+),UL\\)$`, 'm').exec(
      source,
    );
    if (digits) return BigInt(`0x${digits[1]!}`);
    throw decompressorErrors.sourceUnknown({ file, what: `it does not define VO_${symbol}` });
  };
  const text = address('_text');
  const atLeast = (symbol: string, size: Bytes): [string, bigint] => {
    const own = address(symbol);
    const asked = text + BigInt(size);
    return [symbol, own > asked ? own : asked];
  };
  const changed = [
    atLeast('_end', sizes.memory),
    atLeast('__bss_start', sizes.memory),
    atLeast('__start_rodata', sizes.text ?? 0),
  ];
  return changed.reduce(
    (result, [symbol, value]) =>
      result.replace(
        new RegExp(`^(#define VO_${symbol} _AC\\()0x[0-9a-fA-F]+`, 'm'),
        (_, start: string) => `${start}0x${value.toString(16)}`,
      ),
    source,
  );
}

/** The codec that a configuration's decompressor unpacks; undefined when it says none. */
export function configuredCodec(config: string): CodecName | 'lzo' | undefined {
  const name = /^CONFIG_KERNEL_(GZIP|BZIP2|LZMA|XZ|LZO|LZ4|ZSTD|UNCOMPRESSED)=y$/m.exec(
    config,
  )?.[1];
  if (name === undefined) return undefined;
  return name === 'UNCOMPRESSED' ? 'none' : (name.toLowerCase() as CodecName | 'lzo');
}
