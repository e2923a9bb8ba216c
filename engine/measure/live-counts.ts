import { readFile } from 'node:fs/promises';
import type { DomainCounts } from './types.js';

/** The plugin's file of a running guest, in the folder of its run. */
export const liveCountsFile = 'live-counts';

/**
 * What a guest has executed so far, by domain, as engine/native/plugin/live.c writes it ten
 * times a second; undefined before it begins.
 */
export async function readLiveCounts(file: string): Promise<DomainCounts | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes?.length !== 24) return undefined;
  const [user, kernel, hypervisor] = [0, 8, 16].map((at) => Number(bytes.readBigUInt64LE(at)));
  return { user: user!, kernel: kernel!, hypervisor: hypervisor! };
}
