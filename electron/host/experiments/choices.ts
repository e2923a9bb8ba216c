import { defaultMachine, environments } from '../../../engine/boot/index.js';
import type { Choices } from '../../../engine/contract/app/experiments.js';
import { workloads } from '../../../engine/measure/workloads.js';
import type { HostContext } from '../context.js';
import { environmentVerdicts } from '../image-facts.js';

/** What a plan can be made of on this machine, and what cannot boot and why. */
export async function planChoices(context: HostContext): Promise<Choices> {
  const { database } = await context.workspace();
  const images = [];
  for (const { sha256, name } of await database.images.list()) {
    if (context.removals.isHidden(sha256)) continue;
    images.push({ sha256, name, verdicts: await environmentVerdicts(context, sha256) });
  }
  return {
    images,
    environments: Object.values(environments).map(({ name, summary }) => ({ name, summary })),
    workloads: workloads.map(({ name, operation }) => ({ name, operation })),
    machine: { ...defaultMachine },
  };
}
