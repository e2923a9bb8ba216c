import { describe, expect, it } from 'vitest';
import {
  crcMatches,
  payloadBytes,
  readBzImage,
  readPe,
  replacePayload,
} from '../../../engine/bzimage/index.js';
import { buildBzImage } from '../../support/bzimage-builder.js';
import { labError } from '../../support/lab-error.js';
import { noise } from '../../support/recipe-kernel.js';

const original = noise(1, 1000);

describe('replacing a payload', () => {
  it('puts a shorter one in its place, and zeros behind it', () => {
    const image = readBzImage(buildBzImage({ payload: original }));
    const packed = noise(2, 900);
    const file = replacePayload(image, packed);
    const again = readBzImage(file);
    expect(Buffer.compare(payloadBytes(again), packed)).toBe(0);
    expect(again.fields).toEqual({ ...image.fields, payload_length: 900 });
    const { offset } = image.payload!;
    expect([...file.subarray(offset + 900, offset + 1000)]).toEqual(Array(100).fill(0));
    expect(crcMatches(again)).toBe(true);
    // Nothing else has changed, and the image that was given not at all.
    const field = 0x24c;
    const same = (from: number, to: number): void =>
      expect(Buffer.compare(file.subarray(from, to), image.bytes.subarray(from, to))).toBe(0);
    same(0, field);
    same(field + 4, offset);
    same(offset + 1000, file.length - 4);
    expect(Buffer.compare(payloadBytes(image), original)).toBe(0);
  });

  it('takes one that fills the room, and refuses one byte more', () => {
    const image = readBzImage(buildBzImage({ payload: original }));
    expect(replacePayload(image, noise(3, 1000))).toHaveLength(image.bytes.length);
    expect(() => replacePayload(image, noise(3, 1001))).toThrow(
      labError('bzimage-payload-no-room'),
    );
  });

  it('refuses an image without a payload', () => {
    const image = readBzImage(buildBzImage({ payload: original, protocol: 0x0207 }));
    expect(() => replacePayload(image, noise(3, 10))).toThrow(labError('bzimage-no-payload'));
  });

  it('leaves a signature out, which is of other bytes', () => {
    const signature = new Uint8Array(64).fill(0x5a);
    const image = readBzImage(buildBzImage({ payload: original, efi: true, signature }));
    expect(readPe(image.bytes)?.certificates).toEqual({
      offset: image.bytes.length - 64,
      size: 64,
    });
    const file = replacePayload(image, noise(2, 900));
    expect(file).toHaveLength(image.bytes.length - 64);
    expect(readPe(file)?.certificates).toBe(null);
    expect(crcMatches(readBzImage(file))).toBe(true);
  });
});
