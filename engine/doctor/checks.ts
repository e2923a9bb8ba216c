import type { DoctorCheck, DoctorReport } from '../contract.js';
import type { Preferred } from '../bundle.js';
import type { Bytes } from '../units.js';
import type { Facts } from './facts.js';
import { installLine, tools, type Distribution } from './tools.mjs';

/** Node's oldest release that the lab runs on: package.json's `engines`. */
const oldestNode = [20, 19] as const;

const GiB: Bytes = 1024 ** 3;
/** An unpacked kernel source (1.5 GB) and the build folders of three flavours (0.2 GB each). */
const wantedSpace: Bytes = 3 * GiB;
/** A Xen boot has a guest of 768 MiB; the kernel's link step needs about as much. */
const wantedMemory: Bytes = 2 * GiB;

const distributions: readonly Distribution[] = ['debian', 'fedora', 'arch'];

/** Judges the facts. Pure: the same facts give the same report. */
export function judge(facts: Facts): DoctorReport {
  const checks = [
    facts.electron === undefined ? nodeCheck(facts.node) : electronCheck(facts.electron),
    ...tools.map((tool) => toolCheck(tool, facts)),
    ...qemuChecks(facts),
    workspaceCheck(facts),
    spaceCheck(facts),
    memoryCheck(facts),
  ];
  const missing = tools.filter(({ id }) => !facts.tools[id] && !facts.preferred[id]);
  const { system, node, cpus, memory } = facts;
  return {
    ok: checks.every(({ status, required }) => status === 'ok' || !required),
    system: { name: system, node, cpus, memory },
    checks,
    install: install(missing),
  };
}

function install(wanted: readonly (typeof tools)[number][]): DoctorReport['install'] {
  const lines = distributions.map((name) => [name, installLine(wanted, name) ?? null] as const);
  return Object.fromEntries(lines) as DoctorReport['install'];
}

function toolCheck(tool: (typeof tools)[number], facts: Facts): DoctorCheck {
  const found = facts.tools[tool.id] ?? null;
  const preferred = facts.preferred[tool.id];
  return {
    id: tool.id,
    // What compiles npm packages is needed only where no ready binary was found, and this runs.
    required: tool.purposes.some((purpose) => purpose === 'build' || purpose === 'boot'),
    neededBy: tool.neededBy,
    status: found ? 'ok' : 'missing',
    found: found && (found.version ?? found.path),
    path: found && found.path,
    chosenBy: preferred?.by ?? null,
    advice: found ? null : preferred ? badChoice(preferred) : (tool.elsewhere ?? null),
    install: found || preferred ? null : install([tool]),
  };
}

/** An installed one would not be taken: the choice has to be mended. */
function badChoice({ path, by }: Preferred): string {
  return `${by} names ${path}, which is not one: name another, or none to take what is installed`;
}

/** A check of something that no package brings. */
function plainCheck(
  id: string,
  neededBy: string,
  found: string,
  trouble: { required: boolean; advice: string } | null,
): DoctorCheck {
  return {
    id,
    required: trouble?.required ?? true,
    neededBy,
    status: trouble === null ? 'ok' : trouble.required ? 'missing' : 'warning',
    found,
    path: null,
    chosenBy: null,
    advice: trouble?.advice ?? null,
    install: null,
  };
}

function nodeCheck(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  return plainCheck(
    'node',
    'runs the lab',
    `v${version}`,
    old ? { required: true, advice: `install Node ${oldestNode.join('.')} or newer` } : null,
  );
}

/** The app cannot choose another Node than Electron's, and is tested with that. */
function electronCheck(version: string): DoctorCheck {
  return plainCheck('electron', 'runs the app', version, null);
}

function qemuChecks({ qemu, tools: found }: Facts): DoctorCheck[] {
  if (qemu === null) {
    if (!found['qemu']) return [];
    const advice = `see what it says: ${found['qemu'].path} -machine none -display none -qmp stdio`;
    const trouble = { required: true, advice };
    return [plainCheck('qemu-answers', 'boots kernel images', 'QEMU does not answer', trouble)];
  }
  return [
    plainCheck(
      'qemu-plugins',
      'counts instructions',
      qemu.plugins ? 'built with TCG plugins' : 'built without TCG plugins',
      qemu.plugins
        ? null
        : { required: true, advice: 'install a QEMU configured with --enable-plugins' },
    ),
    plainCheck(
      'qemu-sandbox',
      'confines the emulator',
      qemu.sandbox ? 'built with seccomp' : 'built without seccomp',
      qemu.sandbox
        ? null
        : { required: false, advice: 'boot only images that you trust: no sandbox is around them' },
    ),
    plainCheck(
      'qemu-machine',
      'makes figures comparable with those of others',
      qemu.referenceMachine ? 'has the reference machine' : 'lacks the reference machine',
      qemu.referenceMachine
        ? null
        : { required: false, advice: 'figures repeat here, but may differ from other machines' },
    ),
  ];
}

function workspaceCheck({ workspace: { folder, existing, writable } }: Facts): DoctorCheck {
  const advice = `make ${existing} writable, or name another folder with --workspace or KBL_HOME`;
  const found = writable ? folder : `${folder} cannot be written`;
  const trouble = writable ? null : { required: true, advice };
  return plainCheck('workspace', 'keeps images, runs and reports', found, trouble);
}

function spaceCheck({ workspace: { existing, free } }: Facts): DoctorCheck {
  const advice = `${gib(wantedSpace)} are wanted for a kernel source and three builds: free some, or use --workspace`;
  const found = `${gib(free)} free at ${existing}`;
  const trouble = free < wantedSpace ? { required: false, advice } : null;
  return plainCheck('disk-space', 'holds the kernel source and builds', found, trouble);
}

function memoryCheck({ memory }: Facts): DoctorCheck {
  const advice = `${gib(wantedMemory)} are wanted for a Xen guest beside its emulator`;
  const trouble = memory < wantedMemory ? { required: false, advice } : null;
  return plainCheck('memory', 'holds the guest', gib(memory), trouble);
}

function gib(bytes: Bytes): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}
