/**
 * Unit and address-space aliases. They cost nothing at run time; they make a
 * signature say what a bare number means and which address space it counts in.
 */

/** Offset from the start of a file, in bytes. */
export type FileOffset = number;

/**
 * Link-time virtual address (`sh_addr`, `st_value`, `p_vaddr`). A bigint, since
 * kernel addresses such as 0xffffffff81000000 do not fit a double exactly.
 */
export type VirtualAddress = bigint;

/** Physical or load address (`p_paddr`, `pref_address`). */
export type PhysicalAddress = bigint;

/** A size or length in bytes. */
export type Bytes = number;

/** Guest instructions executed, as the counter plugin counts them (docs/measuring.md). */
export type Instructions = number;

/** Wall-clock time on the host. Emulated time is never compared with hardware. */
export type Milliseconds = number;

/** Lower-case hexadecimal SHA-256 of some bytes. */
export type Sha256 = string;
