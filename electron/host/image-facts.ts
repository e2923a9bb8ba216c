import {
  environments,
  findFirmware,
  findXen,
  type EnvironmentName,
} from '../../engine/boot/index.js';
import type { BootFacts } from '../../engine/images/boot-facts.js';
import type { Sha256 } from '../../engine/units.js';
import type { HostContext } from './context.js';

export interface EnvironmentVerdict {
  environment: EnvironmentName;
  boots: boolean;
  reason: string;
}

/** What is known of images by their digest stays true: unpacking one takes a tenth of a second. */
const known = new Map<Sha256, BootFacts>();

/** @throws what reading a kernel image throws */
export async function bootFactsOf(
  { workspace, threads }: Pick<HostContext, 'workspace' | 'threads'>,
  sha256: Sha256,
  signal?: AbortSignal,
): Promise<BootFacts> {
  const { store } = await workspace();
  const facts =
    known.get(sha256) ??
    (await threads.run(
      'bootFacts',
      { file: await store.verified(sha256, { signal }) },
      { signal },
    ));
  known.set(sha256, facts);
  return facts;
}

/** Where an image boots on this machine, and why not elsewhere, in the order of the engine. */
export async function environmentVerdicts(
  context: Pick<HostContext, 'workspace' | 'threads'>,
  sha256: Sha256,
): Promise<EnvironmentVerdict[]> {
  const noXen = await whyNot(findXen);
  const lacks: Record<EnvironmentName, string | null> = {
    bare: null,
    'xen-pv-dom0': noXen,
    'xen-pvh-dom0': noXen,
    uefi: await whyNot(findFirmware),
  };
  const facts = await bootFactsOf(context, sha256).catch((error: unknown) => messageOf(error));
  return Object.values(environments).map(({ name: environment }) => {
    if (typeof facts === 'string') return { environment, boots: false, reason: facts };
    const lack = lacks[environment];
    if (lack !== null) return { environment, boots: false, reason: lack };
    return { environment, ...facts.verdicts[environment] };
  });
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
