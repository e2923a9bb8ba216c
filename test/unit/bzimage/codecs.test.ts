import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import { unpackPayload } from '../../../engine/bzimage/index.js';
import { bzip2Blocks, bzip2Bomb, bzip2Runs } from '../../support/bzip2-samples.js';
import {
  gzipPayload,
  lz4Frame,
  lz4Sequence,
  lz4Stream,
  lzmaAloneStream,
  withSize,
  xzStream,
  zstdStream,
} from '../../support/bzimage-builder.js';
import { buildKernelElf } from '../../support/elf-builder.js';

const MiB = 1024 * 1024;
const unpack = (payload: Uint8Array, limit = 16 * MiB) =>
  unpackPayload(payload, { sizeAppended: true, limit });

/** Text with some repetition and some noise, so that every codec has something to do. */
const sample = Buffer.from(
  Array.from({ length: 4000 }, (_, i) => `call *pv_ops+${(i * 7919) % 613}(%rip)\n`).join(''),
);

const compressors: Record<string, (data: Uint8Array) => Uint8Array | Promise<Uint8Array>> = {
  gzip: gzipPayload,
  xz: async (data) => withSize(await xzStream(data), data.length),
  lzma: async (data) => withSize(await lzmaAloneStream(data), data.length),
  zstd: async (data) => withSize(await zstdStream(data), data.length),
  lz4: (data) => withSize(lz4Stream(data), data.length),
};

describe.each(Object.keys(compressors))('a %s payload', (codec) => {
  const compress = compressors[codec]!;

  it('is unpacked, and its codec named', async () => {
    const unpacked = await unpack(await compress(sample));
    expect(unpacked.codec).toBe(codec);
    expect(sample.equals(unpacked.data)).toBe(true);
  });

  it('is refused at every tenth truncation', async () => {
    const whole = await compress(sample);
    for (let size = 8; size < whole.length; size += Math.ceil(whole.length / 10)) {
      await expect(unpack(whole.subarray(0, size))).rejects.toThrow(labError('payload-corrupt'));
    }
  });

  it('is refused when more comes out than the limit', async () => {
    const bomb = await compress(new Uint8Array(8 * MiB));
    await expect(unpack(bomb, MiB)).rejects.toThrow(labError('payload-too-large'));
  });

  it('is not begun when already cancelled', async () => {
    const signal = AbortSignal.abort();
    const payload = await compress(sample);
    await expect(unpackPayload(payload, { sizeAppended: true, signal })).rejects.toThrow(
      labError('cancelled'),
    );
  });
});

describe('a payload with another size behind it', () => {
  it.each(['xz', 'lzma', 'zstd', 'lz4'])('is refused: %s', async (codec) => {
    const payload = new Uint8Array(await compressors[codec]!(sample));
    payload[payload.length - 1]! ^= 1;
    await expect(unpack(payload)).rejects.toThrow(labError('payload-corrupt'));
  });
});

describe('payloads that are none', () => {
  it('passes a bare ELF through', async () => {
    const elf = buildKernelElf({});
    expect(await unpack(elf)).toEqual({ codec: 'none', data: elf });
  });

  it('refuses LZO and what it does not know', async () => {
    const lzo = Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0, 0, 0, 0]);
    await expect(unpack(lzo)).rejects.toThrow(labError('payload-lzo'));
    await expect(unpack(Buffer.from('what is this'))).rejects.toThrow(labError('payload-unknown'));
    await expect(unpack(new Uint8Array(0))).rejects.toThrow(labError('payload-unknown'));
  });
});

describe('gzip', () => {
  it('notices a wrong checksum', async () => {
    const payload = new Uint8Array(gzipSync(sample));
    payload[payload.length - 8]! ^= 1;
    await expect(unpack(payload)).rejects.toThrow(labError('payload-corrupt'));
  });

  it('stops when cancelled half-way', async () => {
    const controller = new AbortController();
    const options = { sizeAppended: true, limit: 512 * MiB, signal: controller.signal };
    const unpacking = unpackPayload(gzipSync(new Uint8Array(64 * MiB), { level: 1 }), options);
    setTimeout(() => controller.abort(), 5);
    await expect(unpacking).rejects.toThrow(labError('cancelled'));
  });
});

describe('bzip2', () => {
  const { stream, plain } = bzip2Runs;

  it('unpacks runs of equal bytes', async () => {
    const { codec, data } = await unpack(withSize(stream, plain.length));
    expect(codec).toBe('bzip2');
    expect(plain.equals(data)).toBe(true);
  });

  it('unpacks several blocks', async () => {
    const { size } = bzip2Blocks;
    const { data } = await unpack(withSize(bzip2Blocks.stream, size));
    expect(data).toHaveLength(size);
    expect(crc32(data)).toBe(bzip2Blocks.crc32);
  });

  it('is refused at every truncation and with flipped bits', async () => {
    for (let size = 0; size < stream.length; size++) {
      const cut = withSize(stream.subarray(0, size), plain.length);
      await expect(unpack(cut)).rejects.toThrow(expect.objectContaining({ name: 'LabError' }));
    }
    for (let bit = 32; bit < stream.length * 8 - 8; bit += 5) {
      const flipped = new Uint8Array(stream);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const unpacking = unpack(withSize(flipped, plain.length));
      await expect(unpacking).rejects.toThrow(labError('payload-corrupt'));
    }
  });

  it('is refused when more comes out than the limit', async () => {
    const bomb = withSize(bzip2Bomb, 64 * MiB);
    await expect(unpack(bomb, MiB)).rejects.toThrow(labError('payload-too-large'));
  });
});

describe('lz4', () => {
  const text = (s: string): Uint8Array => Buffer.from(s);

  it('copies matches, also those that overlap themselves', async () => {
    const block = Buffer.concat([
      lz4Sequence(text('abc'), { offset: 3, length: 9 }),
      lz4Sequence(text('X'), { offset: 13, length: 5 }),
      lz4Sequence(text('end')),
    ]);
    const { data } = await unpack(withSize(lz4Frame([block]), 21));
    expect(Buffer.from(data).toString()).toBe('abcabcabcabcXabcabend');
  });

  it('goes on over blocks and repeated magic numbers', async () => {
    const one = lz4Frame([lz4Sequence(text('one,')), lz4Sequence(text('two,'))]);
    const two = lz4Frame([lz4Sequence(text('three'))]);
    const { data } = await unpack(withSize(Buffer.concat([one, two]), 13));
    expect(Buffer.from(data).toString()).toBe('one,two,three');
  });

  it.each([
    ['offset 0', lz4Sequence(text('abc'), { offset: 0, length: 9 })],
    ['an offset before the block', lz4Sequence(text('abc'), { offset: 4, length: 9 })],
    ['literals beyond the block', Buffer.from([0xf0, 0xff, 0xff, 0x61])],
    ['a match beyond 8 MiB', lz4Sequence(text('a'), { offset: 1, length: 9 * MiB })],
    ['half an offset', Buffer.from([0x10, 0x61, 0x01])],
  ])('refuses %s', async (_, block) => {
    const payload = withSize(lz4Frame([block]), 12);
    await expect(unpack(payload)).rejects.toThrow(labError('payload-corrupt'));
  });
});

describe('zstd', () => {
  /** A frame header with an 8-byte content size, single segment, then blocks. */
  const frame = (contentSize: bigint, blocks: number[]): Uint8Array => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(contentSize);
    const bytes = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, ...size, ...blocks];
    return withSize(Buffer.from(bytes), Number(contentSize & 0xffffffffn));
  };
  const rleBlock = (size: number, last: boolean): number[] => {
    const header = (size << 3) | 2 | (last ? 1 : 0);
    return [header & 0xff, (header >> 8) & 0xff, header >> 16, 0x41];
  };

  it('unpacks RLE blocks', async () => {
    const { data } = await unpack(frame(300n, [...rleBlock(200, false), ...rleBlock(100, true)]));
    expect(Buffer.from(data).toString()).toBe('A'.repeat(300));
  });

  it('never allocates a claimed size', async () => {
    const lie = frame(1n << 40n, rleBlock(100, true));
    await expect(unpack(lie)).rejects.toThrow(labError('payload-corrupt'));
  });

  it('refuses a bomb of RLE blocks before unpacking it', async () => {
    const blocks = Array.from({ length: 100 }, (_, i) => rleBlock(128 * 1024, i === 99)).flat();
    const bomb = frame(BigInt(100 * 128 * 1024), blocks);
    await expect(unpack(bomb, MiB)).rejects.toThrow(labError('payload-too-large'));
    expect((await unpack(bomb)).data).toHaveLength(100 * 128 * 1024);
  });

  it('refuses reserved and overlong blocks, and an unfinished frame', async () => {
    for (const block of [
      [0x07, 0, 0],
      [0xff, 0xff, 0xfb],
      [0x02, 0, 0],
    ]) {
      await expect(unpack(frame(0n, block))).rejects.toThrow(labError('payload-corrupt'));
    }
  });
});
