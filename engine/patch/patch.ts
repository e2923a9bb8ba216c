import { payloadBytes, replacePayload } from '../bzimage/index.js';
import { patchErrors } from '../errors/patch.js';
import type { SignedAddress } from '../kernel/address.js';
import type { JobOptions } from '../progress.js';
import type { AlternativeSites } from './alternatives/table.js';
import { alternative } from './families/alternative.js';
import type { ConstantPlan } from './constants/apply.js';
import { writesOf } from './constants/choose.js';
import type { PatchKernel } from './kernel.js';
import type { Write } from './patched-text.js';
import { resolveKernel, type ResolveRequest } from './resolve.js';
import { compareText, type TextComparison } from './text-comparison.js';
import type { ResolvedFamily, Target } from './types.js';
import { movedFields } from './write/moved-fields.js';
import { packPayload } from './write/pack.js';
import { changeRelocations } from './write/relocations.js';

export interface PatchRequest extends ResolveRequest {
  /** Variables whose loads become immediates, once everything else is resolved. */
  constants?: readonly ConstantPlan[] | undefined;
}

/** A kernel that was patched, as a file. */
export interface PatchedKernel {
  /** The bzImage. */
  bytes: Uint8Array;
  families: ResolvedFamily[];
  /**
   * The proof: its code against the code in the memory of the kernel that booted, with every site
   * resolved, those too that must be left to the kernel in the file; not those that were to be left.
   */
  text: TextComparison;
  /** Fields that KASLR corrects: no longer, and now. */
  relocations: { dropped: number; added: number };
}

/**
 * Patches a kernel for a target and writes it as a bzImage that boots.
 * @param folder an empty one, to work in
 * @throws patch-*, bzimage-payload-no-room, cancelled
 */
export async function patchKernel(
  kernel: PatchKernel,
  target: Target,
  request: PatchRequest,
  folder: string,
  options: JobOptions = {},
): Promise<PatchedKernel> {
  const whole = resolveKernel(kernel, target, { ...request, keepTables: true }, options);
  const { rewritten, families } = request.keepTables
    ? whole
    : resolveKernel(kernel, target, request, options);
  const change = movedFields(kernel, rewritten, isField, replacements(kernel));
  const constants = writesOf(request.constants ?? []);
  for (const { address, bytes } of constants.writes) {
    rewritten.put(address, bytes, { family: 'constant', index: -1 });
  }
  for (const at of constants.dropped) change.dropped.add(at);
  for (const at of constants.added) change.added.add(at);
  const lacking = changeRelocations(rewritten.payload, change);
  if (lacking > 0) throw patchErrors.relocationRoom({ lacking });
  options.onProgress?.({ kind: 'step', job: 'patch', detail: `packing with ${kernel.codec}` });
  const room = payloadBytes(kernel.bzImage).length;
  const packed = await packPayload(rewritten.payload, kernel.codec, room, folder, options);
  return {
    bytes: replacePayload(kernel.bzImage, packed),
    families,
    text: compareText(kernel, whole.rewritten.payload, target.memory, whole.isLeft),
    relocations: {
      dropped: change.dropped.size,
      added: change.added.size + change.added64.size,
    },
  };
}

/** Fields that were written whole, where no site is: addresses there stay addresses. */
function isField({ index, after }: Write): boolean {
  return index < 0 && (after.length === 8 || after.length === 4);
}

/** Where an alternative that was chosen was copied from. */
function replacements(kernel: PatchKernel): (write: Write) => SignedAddress | undefined {
  let sites: AlternativeSites | undefined;
  return ({ family, index }) => {
    if (family !== 'alternative' || index < 0) return undefined;
    sites ??= alternative.read(kernel);
    return sites?.replacement[index];
  };
}
