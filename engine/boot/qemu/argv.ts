import { bootErrors } from '../../errors/boot.js';
import type { MachineNeeds, MachineParts } from '../environments/types.js';
import { doubleCommas } from '../environments/command-line.js';
import type { BootRequest } from '../types.js';
import type { QemuCapabilities } from './probe.js';

/** Files that the emulator makes in the folder of a run. */
export const runFiles = {
  /** The serial console, in `batch`. */
  console: 'console.log',
  /** What `-d` logs: each CPU reset, and a triple fault by name. */
  log: 'qemu.log',
  /** The QMP socket. */
  qmp: 'qmp.sock',
  /** The socket of the hypervisor's serial line, where it has its own. */
  hypervisor: 'hypervisor.sock',
  /** Link to the counter plugin. */
  plugin: 'plugin.so',
} as const;

/** A versioned machine is the same hardware in every QEMU that has it; behind it, one that every QEMU has. */
const machineTypes = {
  i440fx: ['pc-i440fx-7.2', 'pc'],
  q35: ['pc-q35-7.2', 'q35'],
} as const;

export const machineType = machineTypes.i440fx[0];

const sandbox = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

export interface QemuArguments {
  argv: string[];
  links: Record<string, string>;
  warnings: string[];
}

/**
 * QEMU's arguments for a request: the one place where they are composed. Pure.
 * Each option serves repeatable counts, confinement, or the request
 * (docs/measuring.md has the reasons one by one).
 * @throws boot-plugin-unsupported, boot-request-invalid
 */
export function qemuArguments(
  request: BootRequest,
  parts: MachineParts,
  capabilities: QemuCapabilities,
): QemuArguments {
  const warnings: string[] = [];
  const links = { ...parts.links };
  const argv = [
    ...virtualClock(request.console),
    ...hardware(request, parts.machine, capabilities, warnings),
    ...confinement(capabilities, warnings),
    ...channels(request.console, parts.hypervisorLine === true),
    ...(request.atShutdown === 'pause' ? ['-no-shutdown'] : []),
    ...plugin(request, capabilities, links),
    ...(parts.firmware === undefined ? [] : ['-bios', parts.firmware]),
    ...['-kernel', parts.kernel, '-initrd', parts.initrd, '-append', parts.append],
  ];
  return { argv, links, warnings };
}

/**
 * Time is a function of the instructions executed: one instruction is one
 * nanosecond. While a guest idles, the clock jumps to its next timer in a
 * `batch`. An `interactive` one waits for it: a shell that only waits for a
 * key would otherwise keep a whole processor busy, and `sleep 5` be over at once.
 */
function virtualClock(console: BootRequest['console']): string[] {
  return [
    ...['-accel', 'tcg'],
    ...['-icount', `shift=0,sleep=${console === 'batch' ? 'off' : 'on'}`],
    ...['-rtc', 'base=2020-01-01,clock=vm'],
    ...['-seed', '1'],
  ];
}

function hardware(
  { machine }: BootRequest,
  needs: MachineNeeds | undefined,
  capabilities: QemuCapabilities,
  warnings: string[],
): string[] {
  if (!/^[\w.+-]+(,[\w.+=-]+)*$/.test(machine.cpu)) {
    throw bootErrors.requestInvalid({
      what: `${JSON.stringify(machine.cpu)} is no CPU model`,
      hint: 'give a name of `qemu-system-x86_64 -cpu help`, with features after commas: qemu64,+npt',
    });
  }
  for (const memory of [machine.memory, machine.dom0Memory]) {
    if (!Number.isInteger(memory) || memory < 32 || memory > 65_536) {
      throw bootErrors.requestInvalid({
        what: `${memory} MiB is no memory size for a guest`,
        hint: 'give whole MiB between 32 and 65536',
      });
    }
  }
  const [versioned, any] = machineTypes[needs?.chipset ?? 'i440fx'];
  const exact = capabilities.machines.includes(versioned);
  if (!exact) {
    warnings.push(
      `${capabilities.version} has no machine ${versioned}: its own "${any}" was taken, whose counts may differ`,
    );
  }
  // Behind the request's own words: QEMU takes the last one, and without these the environment is none.
  const cpu = [machine.cpu, ...(needs?.cpuFeatures ?? [])].join(',');
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot'],
    ...['-display', 'none', '-monitor', 'none', '-net', 'none'],
    ...['-machine', exact ? versioned : any, '-cpu', cpu],
    ...['-smp', '1', '-m', String(machine.memory)],
    ...(needs?.devices ?? []).flatMap((device) => ['-device', device]),
  ];
}

function confinement(capabilities: QemuCapabilities, warnings: string[]): string[] {
  if (capabilities.sandbox) return ['-sandbox', sandbox];
  warnings.push(`${capabilities.version} was built without seccomp: it runs unconfined`);
  return [];
}

/**
 * Console, log and control. A batch console is a file: the guest never waits for its reader.
 * A hypervisor's own line is a socket that QEMU waits at, so that its first byte is read too.
 */
function channels(console: BootRequest['console'], hypervisorLine: boolean): string[] {
  if (hypervisorLine && console === 'batch') {
    throw bootErrors.requestInvalid({
      what: 'a batch boot is to have two serial lines',
      hint: 'boot it interactively, or on one line: figures are of that machine',
    });
  }
  const chardev =
    console === 'batch'
      ? `file,id=console,path=${runFiles.console}`
      : 'stdio,id=console,signal=off';
  const socket = `socket,id=hypervisor,path=${runFiles.hypervisor},server=on,wait=on`;
  return [
    ...(hypervisorLine ? ['-chardev', socket, '-serial', 'chardev:hypervisor'] : []),
    ...['-chardev', chardev, '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=qmp,path=${runFiles.qmp},server=on,wait=off`],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-d', 'cpu_reset', '-D', runFiles.log],
  ];
}

function plugin(
  request: BootRequest,
  capabilities: QemuCapabilities,
  links: Record<string, string>,
): string[] {
  if (request.plugin === undefined) return [];
  if (!capabilities.plugins) {
    throw bootErrors.pluginUnsupported({ version: capabilities.version });
  }
  links[runFiles.plugin] = request.plugin.library;
  // With a slash: dlopen() looks up a bare name in the system's library folders.
  const words = [`file=./${runFiles.plugin}`];
  for (const [key, value] of Object.entries(request.plugin.arguments)) {
    if (!/^\w+$/.test(key) || /\0/.test(value)) {
      throw bootErrors.requestInvalid({
        what: `${JSON.stringify(`${key}=${value}`)} is no plugin argument`,
        hint: 'a key is letters, digits and underscores; a value has no NUL',
      });
    }
    words.push(`${key}=${doubleCommas(value)}`);
  }
  return ['-plugin', words.join(',')];
}
