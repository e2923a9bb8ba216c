import { readFile } from 'node:fs/promises';
import { defaultMachine, environments, findFirmware, findXen } from '../../../engine/boot/index.js';
import type { EnvironmentName } from '../../../engine/boot/types.js';
import { describeImage, type ImageDescription } from '../../../engine/bzimage/index.js';
import type { Choices } from '../../../engine/contract/app/experiments.js';
import { workloads } from '../../../engine/measure/workloads.js';
import type { Sha256 } from '../../../engine/units.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import type { HostContext } from '../context.js';

type Verdict = Choices['images'][number]['verdicts'][number];

/** What is known of images by their digest stays true: unpacking one takes a tenth of a second. */
const described = new Map<Sha256, Pick<ImageDescription, 'bootsAs' | 'efi'>>();

/** What a plan can be made of on this machine, and what cannot boot and why. */
export async function planChoices(context: HostContext): Promise<Choices> {
  const workspace = await context.workspace();
  const noXen = await whyNot(findXen);
  const lacks: Record<EnvironmentName, string | null> = {
    bare: null,
    'xen-pv-dom0': noXen,
    'xen-pvh-dom0': noXen,
    uefi: await whyNot(findFirmware),
  };
  const images = [];
  for (const { sha256, name } of await workspace.database.images.list()) {
    if (context.removals.isHidden(sha256)) continue;
    images.push({ sha256, name, verdicts: await verdictsOf(workspace, sha256, lacks) });
  }
  return {
    images,
    environments: Object.values(environments).map(({ name, summary }) => ({ name, summary })),
    workloads: workloads.map(({ name, operation }) => ({ name, operation })),
    machine: { ...defaultMachine },
  };
}

async function verdictsOf(
  { store }: Workspace,
  sha256: Sha256,
  lacks: Record<EnvironmentName, string | null>,
): Promise<Verdict[]> {
  const found = described.get(sha256) ?? (await describe(store.path(sha256)));
  if (typeof found !== 'string') described.set(sha256, found);
  return Object.values(environments).map(({ name: environment }) => {
    const lack = typeof found === 'string' ? found : lacks[environment];
    if (lack !== null || typeof found === 'string') {
      return { environment, boots: false, reason: lack ?? '' };
    }
    return environment === 'uefi' ? uefiVerdict(found) : judged(found, environment);
  });
}

/** The description, or why there is none. */
async function describe(file: string): Promise<ImageDescription | string> {
  try {
    return await describeImage(await readFile(file));
  } catch (error) {
    return messageOf(error);
  }
}

function judged(
  { bootsAs }: Pick<ImageDescription, 'bootsAs'>,
  environment: Exclude<EnvironmentName, 'uefi'>,
) {
  const verdict = bootsAs.find((one) => one.environment === environment);
  return { environment, boots: verdict?.boots ?? false, reason: verdict?.reason ?? 'not judged' };
}

/** Firmware starts a kernel by its EFI stub. */
function uefiVerdict({ efi }: Pick<ImageDescription, 'efi'>): Verdict {
  const reason = efi ? `EFI stub for ${efi.machine}` : 'no EFI stub (CONFIG_EFI_STUB is off)';
  return { environment: 'uefi', boots: efi !== null, reason };
}

async function whyNot(find: () => unknown): Promise<string | null> {
  try {
    await find();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
