import type { BootChoices, EnvironmentName } from '../../../engine/contract/app/console.js';

/** What the boot dialog offers: an environment, or two for the same image at once. */
export interface Target {
  readonly id: string;
  readonly title: string;
  readonly environments: readonly EnvironmentName[];
}

export const targets: readonly Target[] = [
  { id: 'bare', title: 'bare: on the emulated PC itself', environments: ['bare'] },
  {
    id: 'xen-pv-dom0',
    title: 'xen-pv-dom0: as PV dom0 under the Xen hypervisor',
    environments: ['xen-pv-dom0'],
  },
  {
    id: 'xen-pvh-dom0',
    title: 'xen-pvh-dom0: as PVH dom0, by the processor’s own virtualisation',
    environments: ['xen-pvh-dom0'],
  },
  { id: 'uefi', title: 'uefi: under UEFI firmware, by the EFI stub', environments: ['uefi'] },
  {
    id: 'both',
    title: 'bare and xen-pv-dom0, side by side',
    environments: ['bare', 'xen-pv-dom0'],
  },
];

/** A hypervisor is below the guest, with words, a console and instructions of its own. */
export function isUnderXen(environment: EnvironmentName): boolean {
  return environment.startsWith('xen-');
}

/** Why an image does not boot there, or null. */
export function whyNot(target: Target, { verdicts }: BootChoices): string | null {
  for (const environment of target.environments) {
    const verdict = verdicts.find((one) => one.environment === environment);
    if (verdict?.boots) continue;
    const reason = verdict?.reason ?? 'not judged';
    return target.environments.length > 1 ? `${environment}: ${reason}` : reason;
  }
  return null;
}

/** The target to offer when one that was chosen does not serve the image: itself, else the first that does. */
export function nextTarget(chosen: string, choices: BootChoices): string {
  const serves = (target: Target): boolean => whyNot(target, choices) === null;
  const target = targets.find(({ id }) => id === chosen);
  if (target && serves(target)) return chosen;
  return targets.find(serves)?.id ?? chosen;
}
