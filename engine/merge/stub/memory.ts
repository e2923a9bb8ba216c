import type { Directory } from '../../bzimage/directory.js';
import type { Bytes } from '../../units.js';
import type { StubCodec } from './binary.js';
import type { StubLayout } from './layout.js';
import { xzDictionary } from './xz-dictionary.js';

const page: Bytes = 4096;
/** The head maps 4 GB for the body in this much memory (head.c, TABLES_SIZE). */
const tablesSize: Bytes = 6 * page;

function pages(size: Bytes): Bytes {
  return Math.ceil(size / page) * page;
}

/** What the largest flavour takes where it runs. */
export function kernelSize({ flavours }: Directory): Bytes {
  return pages(Math.max(...flavours.map(({ memorySize }) => memorySize)));
}

/** What rebuilding a flavour takes: its image, and the base from `distance` behind its start on. */
export function rebuildRoom({ flavours, base }: Directory): Bytes {
  const baseSize = flavours[base]!.imageSize;
  return pages(Math.max(...flavours.flatMap((f) => [f.imageSize, f.distance + baseSize])));
}

/**
 * Memory that the codec's library takes besides its output, rounded up
 * generously: libdeflate 12 KB, a context of libzstd 160 KB, liblzma 30 KB and
 * a dictionary, which the stub makes no larger than the output.
 */
export function heapSize(codec: StubCodec, payload: Uint8Array, baseSize: Bytes): Bytes {
  const most: Record<StubCodec, Bytes> = {
    gzip: 64 * 1024,
    zstd: 512 * 1024,
    xz: Math.min(xzDictionary(payload) ?? baseSize, baseSize) + 256 * 1024,
  };
  return pages(most[codec]);
}

/**
 * `init_size`: memory from the kernel's runtime start on with which the stub
 * surely gets along, whatever else is taken. It is looked for wherever there is
 * some, so less may do.
 */
export function memoryNeeded(layout: StubLayout, { flavours }: Directory): Bytes {
  return (
    pages(layout.loadedSize) +
    pages(layout.bodyMemory) +
    tablesSize +
    layout.kernelAlignment +
    Math.max(layout.kernelSize, layout.rebuildRoom) +
    pages(Math.max(layout.heapSize, ...flavours.map(({ workSize }) => workSize)))
  );
}
