import type { z } from 'zod';
import type { observeDocument } from '../../contract.js';
import { addressText } from '../../kernel/address.js';
import type { PatchKernel } from '../kernel.js';
import type { Attribution } from './attribute.js';
import type { ReadableTables } from './tables.js';
import type { Observation } from './types.js';

/** The parts of the document `kbl-observe`. */
type Report = z.infer<typeof observeDocument>;

/** More unexplained changes than this are counted, not listed. */
const mostListed = 1000;

export function observationReport(observation: Observation): NonNullable<Report['observation']> {
  const { inputHash, cached, exact, range, physical, sha256, command, wall } = observation;
  return {
    ...{ inputHash, cached, exact, sha256, wall },
    start: addressText(range.start),
    size: range.end - range.start,
    physical: physical.toString(16),
    emulator: command.versions.emulator,
    xen: command.versions.xen ?? null,
  };
}

export function changesReport(
  { namesFrom }: PatchKernel,
  { direct, owners, unexplained, ...changes }: Attribution,
  unread: ReadableTables['unread'],
): NonNullable<Report['changes']> {
  return {
    ...changes,
    ...{ namesFrom, unread },
    direct: direct.map(({ write: { name, writer }, changedBytes }) => ({
      ...{ name, writer, changedBytes },
    })),
    owners: owners.map(({ owner, changedBytes }) => ({ ...owner, changedBytes })),
    unexplained: {
      places: unexplained.length,
      bytes: unexplained.reduce((sum, { file }) => sum + file.length, 0),
      first: unexplained
        .slice(0, mostListed)
        .map(({ address, place, file, memory, ...change }) => ({
          ...change,
          ...{ address: addressText(address), place },
          ...{ file: hexadecimal(file), memory: hexadecimal(memory) },
        })),
    },
  };
}

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
