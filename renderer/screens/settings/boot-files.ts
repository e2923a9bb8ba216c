import type { DoctorReport } from '../../../engine/contract.js';
import { bootFile, type BootFile, type BootFiles } from '../../../engine/contract/app/shell.js';

type Check = DoctorReport['checks'][number];

/** What guests are booted with, as Settings shows it. */
export interface BootFileRow {
  readonly file: BootFile;
  readonly label: string;
  readonly status: Check['status'];
  /** Version and abilities, or what is wrong. */
  readonly found: string;
  readonly path: string | null;
  /** Who put it there, in words; empty where there is none. */
  readonly source: string;
  readonly chosenHere: boolean;
}

const labels: Readonly<Record<BootFile, string>> = {
  qemu: 'Emulator (QEMU)',
  xen: 'Hypervisor (Xen)',
  ovmf: 'UEFI firmware (OVMF)',
};

/** Checks that say what the emulator can do, by the id of its own. */
const abilities: Partial<Record<BootFile, readonly string[]>> = {
  qemu: ['qemu-plugins', 'qemu-sandbox', 'qemu-answers'],
};

export function bootFileRows(checks: readonly Check[], chosen: BootFiles): BootFileRow[] {
  return bootFile.options.flatMap((file) => {
    const check = checks.find(({ id }) => id === file);
    if (!check) return [];
    const extra = checks.filter(({ id }) => abilities[file]?.includes(id));
    const missing = check.status === 'missing';
    const words = [check, ...extra].flatMap(({ found }) => (found === check.path ? [] : [found]));
    return [
      {
        file,
        label: labels[file],
        status: extra.find(({ status }) => status === 'missing')?.status ?? check.status,
        found: missing ? (check.advice ?? 'not installed') : words.join(', '),
        path: check.path,
        source: missing ? '' : sourceOf(check.chosenBy, chosen[file] !== null),
        chosenHere: chosen[file] !== null,
      },
    ];
  });
}

function sourceOf(chosenBy: string | null, chosenHere: boolean): string {
  if (chosenHere) return 'chosen here';
  if (chosenBy === 'bundle') return 'came with the app';
  return chosenBy === null ? 'installed' : `named by ${chosenBy}`;
}
