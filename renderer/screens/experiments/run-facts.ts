import type { RunDetails } from '../../../engine/contract/app/experiments.js';
import { count, localTime } from '../../shared/figures.js';
import { duration } from './words.js';

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly mono?: boolean;
}

/** What is known of a run besides its measurements; what is not known is left out. Pure. */
export function runFacts(run: RunDetails): Fact[] {
  const boot = run.bootInstructions;
  const text = (name: string, value: string | null | undefined): Fact[] =>
    value ? [{ name, value }] : [];
  const words = (name: string, value: string | null): Fact[] =>
    value ? [{ name, value, mono: true }] : [];
  return [
    ...text('state', run.state),
    ...text('outcome', run.outcome),
    ...text('evidence', run.evidence),
    ...(run.differsFrom.length > 0
      ? text('counts differ from', `run ${run.differsFrom.join(', ')}, of the same inputs`)
      : []),
    ...text('image', run.image ?? 'deleted since'),
    ...words('image SHA-256', run.imageSha256),
    ...words('kernel command line', run.kernelCommandLine),
    ...words('Xen command line', run.xenCommandLine),
    ...text('emulator', run.versions.emulator),
    ...text('Xen', run.versions.xen),
    ...text('counter plugin', run.versions.plugin),
    ...text('CPU model', run.cpu),
    ...words('inputs SHA-256', run.inputHash),
    ...text('started', localTime(run.startedAt)),
    ...text(
      'wall time',
      run.wall === null ? null : `${duration(run.wall)}, emulated, not comparable with hardware`,
    ),
    ...text(
      'reset to /init',
      boot &&
        `${count(boot.user)} firmware and boot code + ${count(boot.kernel)} kernel + ` +
          `${count(boot.hypervisor)} hypervisor instructions`,
    ),
    ...text('MemTotal', run.memTotalKiB === null ? null : `${count(run.memTotalKiB)} KiB`),
    ...words("kernel's Memory: line", run.memoryLine),
  ];
}
