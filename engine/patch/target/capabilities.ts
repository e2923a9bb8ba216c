import { patchErrors } from '../../errors/patch.js';
import type { PatchKernel } from '../kernel.js';
import type { Target } from '../types.js';
import { capabilityWords } from './capability-words.js';

/** What a kernel found its processor to be, as boot_cpu_has() tells. */
export interface Capabilities {
  /** X86_FEATURE_* and X86_BUG_*: word * 32 + bit. */
  has(feature: number): boolean;
}

/** Set in every x86-64 kernel that has come up. */
const certain = [
  { feature: 0, name: 'X86_FEATURE_FPU' },
  { feature: 1 * 32 + 29, name: 'X86_FEATURE_LM' },
  { feature: 3 * 32 + 21, name: 'X86_FEATURE_ALWAYS' },
];

/**
 * Reads the features that a kernel decided by, from its memory after boot.
 * @throws patch-capabilities, patch-memory-missing
 */
export function readCapabilities(kernel: PatchKernel, { memory }: Target): Capabilities {
  const words = capabilityWords(kernel);
  if (!words) {
    throw patchErrors.capabilities({
      file: kernel.label,
      why: 'no bit test in apply_alternatives() tells where boot_cpu_data.x86_capability is',
    });
  }
  const bits = memory.read(words.address, 4 * words.count, 'boot_cpu_data.x86_capability');
  const has = (feature: number): boolean =>
    ((bits[feature >> 3] ?? 0) & (1 << (feature & 7))) !== 0;
  const absent = certain.find(({ feature }) => !has(feature));
  if (absent) {
    throw patchErrors.capabilities({
      file: kernel.label,
      why: `${absent.name} is not set in boot_cpu_data.x86_capability, as it is in every kernel that is up`,
    });
  }
  return { has };
}
