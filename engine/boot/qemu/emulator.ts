import { access, constants, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commonErrors } from '../../errors/common.js';
import { workspaceErrors } from '../../errors/workspace.js';
import type { JobOptions } from '../../progress.js';
import { environments } from '../environments/index.js';
import { findFirmware } from '../firmware.js';
import type { BootCommand, BootRequest, Emulator } from '../types.js';
import { findXen, unpackXen } from '../xen.js';
import { qemuArguments } from './argv.js';
import { findGuardTools, guard, type GuardTools } from './guard.js';
import { startQemu, type QemuGuest } from './guest.js';
import { probeQemu, qemuToRun, type QemuCapabilities } from './probe.js';

export interface QemuOptions {
  /** Where the unpacked hypervisor is kept; made when missing. */
  cacheFolder: string;
  /** Name or path of the program; what is chosen, bundled or installed when absent. */
  program?: string | undefined;
  /** The folder that has `xen-*.gz`; what is chosen, bundled or in `/boot` when absent. */
  xenFolder?: string | undefined;
}

/** QEMU with its dynamic translator, every instruction counted, as an emulator of the lab. */
export interface QemuEmulator extends Emulator {
  /** @throws boot-qemu-missing, boot-qemu-unusable */
  capabilities(): Promise<QemuCapabilities>;
  start(request: BootRequest, options?: JobOptions): Promise<QemuGuest>;
}

/** Probes QEMU when first asked, and again when the user chose another. */
export function createQemu(options: QemuOptions): QemuEmulator {
  let probe: { program: string; found: Promise<QemuCapabilities> } | undefined;
  let tools: Promise<GuardTools> | undefined;
  const capabilities = (): Promise<QemuCapabilities> => {
    const program = options.program ?? qemuToRun();
    if (probe?.program !== program) probe = { program, found: probeQemu(program) };
    return probe.found;
  };

  const command = async (asked: BootRequest): Promise<BootCommand> => {
    const request = withAbsolutePaths(asked);
    await readable(request.kernel, 'the kernel image');
    await readable(request.initrd, 'the initramfs');
    if (request.plugin) await readable(request.plugin.library, 'the counter plugin');

    const qemu = await capabilities();
    const environment = environments[request.environment];
    const hypervisor = environment.needsXen ? await findXen(options.xenFolder) : undefined;
    const xen = hypervisor && (await unpackXen(hypervisor, resolve(options.cacheFolder)));
    const firmware = environment.needsFirmware ? await findFirmware() : undefined;
    const parts = environment.parts(request, { xen, firmware });
    const { argv, links, warnings } = qemuArguments(request, parts, qemu);
    const { memory } = request.machine;
    const guarded = guard(await (tools ??= findGuardTools()), memory, request.timeout);
    return {
      program: qemu.program,
      argv,
      guard: guarded.words,
      folder: request.folder,
      links: withoutThemselves(request.folder, links),
      kernelCommandLine: parts.kernelCommandLine,
      xenCommandLine: parts.xenCommandLine,
      ...(parts.hypervisorLine && { hypervisorLine: true }),
      versions: { emulator: qemu.version, xen: hypervisor?.version },
      warnings: [...warnings, ...guarded.warnings],
    };
  };

  return {
    name: 'qemu',
    capabilities,
    version: async () => (await capabilities()).version,
    command,
    start: async (request, jobOptions) => startQemu(request, await command(request), jobOptions),
  };
}

/** QEMU runs in another folder, and links hold what they are given. */
function withAbsolutePaths(request: BootRequest): BootRequest {
  const { plugin } = request;
  return {
    ...request,
    kernel: resolve(request.kernel),
    initrd: resolve(request.initrd),
    folder: resolve(request.folder),
    plugin: plugin && { ...plugin, library: resolve(plugin.library) },
  };
}

/** A file that already lies in the folder under its fixed name needs no link. */
function withoutThemselves(folder: string, links: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(links).filter(([name, target]) => join(folder, name) !== target),
  );
}

async function readable(file: string, what: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found && !found.isFile()) throw workspaceErrors.notRegularFile({ file });
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw commonErrors.fileMissing({ file, what }, cause);
  });
}
