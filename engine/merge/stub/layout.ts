import { viewOf } from '../../elf/header.js';
import type { Bytes } from '../../units.js';

/**
 * `struct stub_layout` of engine/native/multi/stub/layout.h, in its order: what
 * the boot stub knows of the file it is part of. Offsets count from the first
 * byte of the protected-mode code.
 */
const words = [
  'loadedSize',
  'bodyOffset',
  'bodySize',
  'bodyMemory',
  'payloadOffset',
  'payloadSize',
  'directoryOffset',
  'directorySize',
  'kernelAddress',
  'kernelAlignment',
  'kernelMovable',
  'kernelSize',
  'rebuildRoom',
  'heapSize',
] as const;

export type StubLayout = Record<(typeof words)[number], number>;

export const layoutSize: Bytes = words.length * 4;

/** The words, each of 32 bits. */
export function encodeLayout(layout: StubLayout): Uint8Array {
  const bytes = new Uint8Array(layoutSize);
  const view = viewOf(bytes);
  words.forEach((word, i) => view.setUint32(4 * i, layout[word], true));
  return bytes;
}
