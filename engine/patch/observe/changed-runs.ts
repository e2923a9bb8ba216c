import type { SignedAddress } from '../../kernel/address.js';

/** Neighbouring bytes that all differ. */
export interface ChangedRun {
  address: SignedAddress;
  /** Views of what was compared. */
  file: Uint8Array;
  memory: Uint8Array;
}

/** Where two equally long pieces of memory that begin at an address differ. */
export function* changedRuns(
  start: SignedAddress,
  file: Uint8Array,
  memory: Uint8Array,
): Generator<ChangedRun> {
  for (let i = 0; i < file.length; i++) {
    if (file[i] === memory[i]) continue;
    const from = i;
    while (i < file.length && file[i] !== memory[i]) i++;
    yield {
      address: start + from,
      file: file.subarray(from, i),
      memory: memory.subarray(from, i),
    };
  }
}

/**
 * Cuts a run where what `ownerOf` says of its bytes changes.
 * @param ownerOf what a byte belongs to; compared by identity
 */
export function* cutByOwner<Owner>(
  { address, file, memory }: ChangedRun,
  ownerOf: (address: SignedAddress) => Owner,
): Generator<ChangedRun & { owner: Owner }> {
  let from = 0;
  let owner = ownerOf(address);
  for (let i = 1; i <= file.length; i++) {
    const next = i < file.length ? ownerOf(address + i) : undefined;
    if (i < file.length && next === owner) continue;
    yield {
      ...{ address: address + from, owner },
      ...{ file: file.subarray(from, i), memory: memory.subarray(from, i) },
    };
    from = i;
    owner = next as Owner;
  }
}
