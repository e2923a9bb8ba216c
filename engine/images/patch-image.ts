import { rm } from 'node:fs/promises';
import type { ImageRecord } from '../../db/records.js';
import type { EnvironmentName, Machine, QemuEmulator } from '../boot/index.js';
import { defaultMachine } from '../boot/index.js';
import type { ConstantPlan } from '../patch/constants/apply.js';
import { chooseConstants } from '../patch/constants/choose.js';
import { observe, type Observation } from '../patch/observe/index.js';
import { patchKernel, type PatchedKernel, type PatchRequest } from '../patch/patch.js';
import type { PatchKernel } from '../patch/kernel.js';
import type { PatchedConstant, PatchRecord } from '../patch/types.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { defaultName } from './default-name.js';
import { openImageKernel, requireUnpatched } from './patch-kernel.js';

export interface PatchImageRequest extends Omit<PatchRequest, 'constants'> {
  environment: EnvironmentName;
  /** QEMU's CPU model; that of the lab's machine when absent. */
  cpu?: string | undefined;
  /** Names of variables whose loads are to become immediates. */
  constants?: readonly string[] | undefined;
  /** Take variables, too, whose value may change. */
  force?: boolean | undefined;
  /** What the patched image is to be called; `IMAGE-for-bare` when absent. */
  name?: string | undefined;
}

export interface PatchedImage {
  image: ImageRecord;
  /** The image that was patched. */
  original: ImageRecord;
  observation: Observation;
  kernel: PatchKernel;
  patched: PatchedKernel;
  constants: ConstantPlan[];
}

/** The environment a target stands for, in the names of patched images: Xen's PV guests are alike. */
const targetNames: Partial<Record<EnvironmentName, string>> = { 'xen-pv-dom0': 'xen' };

/**
 * Boots an image once to see what it finds (or remembers it), resolves its patch sites for that
 * target, and records the result.
 * @throws patch-*, boot-*, bzimage-*, store-*, name-*, cancelled
 */
export async function patchImage(
  workspace: Workspace,
  emulator: QemuEmulator,
  original: ImageRecord,
  request: PatchImageRequest,
  options: JobOptions = {},
): Promise<PatchedImage> {
  requireUnpatched(original);
  const { environment, cpu = defaultMachine.cpu, name } = request;
  const machine: Machine = { ...defaultMachine, cpu };
  const { kernel } = await openImageKernel(workspace, original, options);
  const file = workspace.store.path(original.sha256);
  const observation = await observe(
    { workspace, emulator },
    { kernel, file, environment, machine },
    options,
  );
  const { constants: symbols = [], force } = request;
  const boot = { kernel, file, environment, machine, memory: observation.memory };
  const constants =
    symbols.length === 0
      ? []
      : await chooseConstants({ workspace, emulator }, { ...boot, symbols, force }, options);
  const folder = await workspace.temporaryFolder('patch');
  const job = 'patch';
  options.onProgress?.({ kind: 'start', job, title: `patch ${original.name} for ${environment}` });
  try {
    const patched = await patchKernel(
      kernel,
      observation,
      { ...request, constants },
      folder,
      options,
    );
    const record: PatchRecord = {
      schema: 1,
      ...{ environment, cpu, observation: observation.inputHash },
      keepTables: request.keepTables ?? false,
      ...{ families: patched.families, constants: constants.map(constantRecord) },
    };
    const { sha256, size } = await workspace.store.put(patched.bytes, options);
    const target = targetNames[environment] ?? environment;
    const image = await workspace.database.images.save(
      {
        ...{ sha256, size, kind: 'patched', build: null, origin: null, patch: record },
        name: name ?? defaultName(`${original.name}-for-${target}`),
        flavour: original.flavour,
        kernelVersion: original.kernelVersion,
        parts: [{ label: original.name, sha256: original.sha256 }],
      },
      { ifNameTaken: name === undefined ? 'number' : 'refuse' },
    );
    workspace.log.info('image patched', { image: image.name, sha256 });
    options.onProgress?.({ kind: 'end', job, result: 'done', detail: image.name });
    return { image, original, observation, kernel, patched, constants };
  } catch (error) {
    options.onProgress?.({
      kind: 'end',
      job,
      result: options.signal?.aborted ? 'cancelled' : 'failed',
    });
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function constantRecord({ symbol, value, loads }: ConstantPlan): PatchedConstant {
  const replaced = loads.filter(({ after }) => after !== undefined).length;
  return { symbol, value, replaced, refused: loads.length - replaced };
}
