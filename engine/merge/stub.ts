import { detectCodec, type BzImage } from '../bzimage/index.js';
import { decodeDirectory, type Directory } from '../bzimage/directory.js';
import { protocolText } from '../errors/bzimage.js';
import { commonErrors } from '../errors/common.js';
import { stubErrors } from '../errors/stub.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { stubBinary, stubCodecs, type StubCodec } from './stub/binary.js';
import { isMovable, writeStubFile, type StubParts } from './stub/file.js';

/**
 * The multi-image with an own boot stub (engine/native/multi/stub/), for
 * kernels whose build folder is not at hand:
 *
 *     setup sectors    the default flavour's; header rewritten
 *     head             32-bit and 64-bit entry; finds memory for the body
 *     body             unpacks the base and rebuilds the chosen flavour
 *     payload          the base's, at a multiple of 16 bytes
 *     directory        and its recipes, at the next multiple of 16 bytes
 *     CRC-32
 *
 * It is started by loaders that follow the x86 boot protocol, not by UEFI. The
 * kernel runs at the physical address it is linked for, without KASLR.
 */
export type StubInput = Omit<StubParts, 'codec'>;

/**
 * Makes a multi-image with the boot stub. The same input and compiler give the
 * same bytes.
 * @returns the bzImage
 * @throws stub-*, merge-directory-malformed, bzimage-field-range, compiler-missing,
 *   native-library-missing, native-build-failed, cancelled
 */
export async function linkStub(
  workspace: Workspace,
  input: StubInput,
  options: JobOptions = {},
): Promise<Uint8Array> {
  checkImages(input.images, decodeDirectory(input.directory));
  const codec = codecOf(input.payload);
  const step = (detail: string, done: number): void => {
    if (options.signal?.aborted) throw commonErrors.cancelled({ what: 'merging' });
    options.onProgress?.({ kind: 'step', job: 'link', detail, done, total: 2 });
  };
  step(`compiling the boot stub for ${codec}`, 0);
  const binary = await stubBinary(workspace, codec);
  step('writing the file', 1);
  return writeStubFile({ ...input, codec }, binary);
}

/** All memory that the stub uses lies below. */
const fourGigabytes = 2n ** 32n;

/** @throws stub-protocol-too-old, stub-not-64-bit, stub-address-too-high, stub-address-fixed */
function checkImages(images: readonly BzImage[], { flavours }: Directory): void {
  if (images.length !== flavours.length) throw new Error('not one image a flavour');
  for (const [i, { name, loadAddress, memorySize }] of flavours.entries()) {
    const { protocol, width } = images[i]!;
    if (protocol < 0x020c) {
      throw stubErrors.protocolTooOld({ file: name, protocol: protocolText(protocol) });
    }
    if (width !== 64) throw stubErrors.not64Bit({ file: name });
    if (loadAddress + BigInt(memorySize) > fourGigabytes) {
      throw stubErrors.addressTooHigh({ file: name, address: loadAddress });
    }
  }
  const addresses = new Set(flavours.map(({ loadAddress }) => loadAddress));
  if (addresses.size === 1 || images.every(isMovable)) return;
  const fixed = flavours[images.findIndex((image) => !isMovable(image))]!;
  throw stubErrors.addressFixed({ file: fixed.name, address: fixed.loadAddress });
}

/** @throws stub-codec-unsupported */
function codecOf(payload: Uint8Array): StubCodec {
  const codec = detectCodec(payload) ?? 'unknown';
  const known = stubCodecs.find((name) => name === codec);
  if (!known) throw stubErrors.codecUnsupported({ codec, supported: stubCodecs });
  return known;
}
