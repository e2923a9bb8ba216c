import type { z } from 'zod';
import type { patchDocument } from '../contract.js';
import { addressText } from '../kernel/address.js';
import { placeText } from '../kernel/names.js';
import type { PatchedImage } from './patch-image.js';

/**
 * What patching made, as `kbl patch --json` prints it.
 * @param file where it was written besides the workspace; null for nowhere
 */
export function patchDocumentOf(
  { image, original, observation, kernel, patched, constants }: PatchedImage,
  file: string | null,
): z.infer<typeof patchDocument> {
  const { text, families, relocations } = patched;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    schema: 'kbl-patch',
    version: 1,
    ...{ image, file, families, relocations },
    constants: constants.map(({ symbol, value, loads }) => ({
      ...{ symbol, value, replaced: loads.filter(({ after }) => after !== undefined).length },
      refused: loads.flatMap(({ address, refused }) =>
        refused === undefined ? [] : [{ address: addressText(address), why: refused }],
      ),
    })),
    original: { name: original.name, sha256: original.sha256, size: original.size },
    observation: {
      inputHash: observation.inputHash,
      environment: observation.environment,
      cpu: observation.cpu,
      cached: observation.cached,
    },
    namesFrom: kernel.namesFrom,
    text: {
      ...text,
      runs: text.runs.map(({ address, file: ours, memory }) => ({
        address: addressText(address),
        place: placeText(kernel.names, address),
        ...{ file: hex(ours), memory: hex(memory) },
      })),
    },
  };
}
