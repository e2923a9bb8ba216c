import { decodeDirectory, type Directory } from '../../bzimage/directory.js';
import { alignParagraph, copyOf, crcSize, sealImage, type BzImage } from '../../bzimage/index.js';
import { viewOf } from '../../elf/header.js';
import type { Bytes } from '../../units.js';
import type { StubBinary, StubCodec } from './binary.js';
import { encodeLayout, type StubLayout } from './layout.js';
import { heapSize, kernelSize, memoryNeeded, rebuildRoom } from './memory.js';
import { setupTypeMax, stubSetup, type SetupFields } from './setup.js';

/** What a file with the boot stub is made of, besides the stub. */
export interface StubParts {
  /** The bzImages of the flavours, in the directory's order. */
  images: readonly BzImage[];
  /** The base's payload as it stands in a bzImage: compressed, its size behind it. */
  payload: Uint8Array;
  codec: StubCodec;
  /** The directory, its recipes behind it. */
  directory: Uint8Array;
}

/** CONFIG_RELOCATABLE: its first instructions find out where it runs (__startup_64). */
export function isMovable({ fields }: BzImage): boolean {
  return fields.relocatable_kernel !== 0;
}

/**
 * Lays the parts out and tells head and setup header where they are. Pure.
 * @returns the bzImage
 * @throws merge-directory-malformed, bzimage-field-range
 */
export function writeStubFile(parts: StubParts, binary: StubBinary): Uint8Array {
  const directory = decodeDirectory(parts.directory);
  const layout = layOut(parts, directory, binary);
  const { bodyOffset, payloadOffset, directoryOffset } = layout;
  const code = new Uint8Array(directoryOffset + parts.directory.length);
  code.set(headFor(parts.images[directory.fallback]!, layout, binary));
  code.set(binary.body, bodyOffset);
  code.set(parts.payload, payloadOffset);
  code.set(parts.directory, directoryOffset);
  const setup = stubSetup(
    parts.images[directory.fallback]!,
    setupFields(parts.images, layout, directory, binary),
  );
  return sealImage([setup, code], setup.length);
}

function layOut(
  { images, payload, codec, directory: { length: directorySize } }: StubParts,
  directory: Directory,
  { head, body, bodyMemory }: StubBinary,
): StubLayout {
  const bodyOffset = alignParagraph(head.length);
  const payloadOffset = alignParagraph(bodyOffset + body.length);
  const directoryOffset = alignParagraph(payloadOffset + payload.length);
  return {
    loadedSize: alignParagraph(directoryOffset + directorySize + crcSize),
    bodyOffset,
    bodySize: body.length,
    bodyMemory,
    payloadOffset,
    payloadSize: payload.length,
    directoryOffset,
    directorySize,
    kernelAddress: Number(directory.flavours[directory.fallback]!.loadAddress),
    kernelAlignment: Math.max(...images.map(({ fields }) => fields.kernel_alignment!)),
    kernelMovable: images.every(isMovable) ? 1 : 0,
    kernelSize: kernelSize(directory),
    rebuildRoom: rebuildRoom(directory),
    heapSize: heapSize(codec, payload, directory.flavours[directory.base]!.imageSize),
  };
}

function headFor(fallback: BzImage, layout: StubLayout, binary: StubBinary): Uint8Array {
  const head = copyOf(binary.head);
  head.set(encodeLayout(layout), binary.layoutAt);
  viewOf(head).setUint32(binary.setupTypeMaxAt, setupTypeMax(fallback), true);
  return head;
}

/** The fields that tell loaders about this file; limits that flavours set differently, at their least. */
function setupFields(
  images: readonly BzImage[],
  layout: StubLayout,
  directory: Directory,
  { kernelInfoAt }: StubBinary,
): SetupFields {
  const least = (field: 'cmdline_size' | 'initrd_addr_max'): Bytes =>
    Math.min(...images.map(({ fields }) => fields[field]!));
  const hasKernelInfo = images[directory.fallback]!.protocol >= 0x020f;
  return {
    payload_offset: layout.payloadOffset,
    payload_length: layout.payloadSize,
    pref_address: BigInt(layout.kernelAddress),
    kernel_alignment: layout.kernelAlignment,
    relocatable_kernel: layout.kernelMovable,
    init_size: memoryNeeded(layout, directory),
    cmdline_size: least('cmdline_size'),
    initrd_addr_max: least('initrd_addr_max'),
    ...(hasKernelInfo ? { kernel_info_offset: kernelInfoAt } : {}),
  };
}
