import type { EnvironmentName } from '../boot/types.js';
import type { SignedAddress } from '../kernel/address.js';
import type { Bytes, Sha256 } from '../units.js';
import type { PatchKernel } from './kernel.js';

/** Words of replacing variables by immediates, for documents. */
export {
  hazardKinds,
  hazards,
  refusalKinds,
  refusals,
  variableClasses,
  type HazardKind,
  type Refusal,
} from './constants/types.js';

/** Families of patch sites, in the order in which tables list them. */
export const familyNames = [
  'paravirt',
  'alternative',
  'static-key',
  'static-call',
  'smp-lock',
  'retpoline',
  'return',
  'call-thunk',
  'endbr',
  'ftrace',
  'runtime-constant',
] as const;

export type FamilyName = (typeof familyNames)[number];

export type IndexIntoSiteTable = number;

/**
 * The patch sites of one family, one row an entry of the kernel's table, in the table's order.
 * Families add columns of their own.
 */
export interface SiteTable {
  length: number;
  /** First byte that the kernel may rewrite. */
  address: Float64Array;
  /** How many bytes from there it may rewrite. */
  size: Uint8Array;
  /** Where the table's entry is. */
  entry: Float64Array;
}

/**
 * What a kernel found when it ran: the contents of its memory after boot, from which every
 * decision that it took at boot can be read again (features of the processor, pv_ops, keys).
 */
export interface Target {
  environment: EnvironmentName;
  /** QEMU's CPU model. */
  cpu: string;
  memory: KernelMemory;
}

/** Memory of a booted kernel by its link-time virtual address (the guest ran without KASLR). */
export interface KernelMemory {
  /**
   * @param what names the thing for the error
   * @throws patch-memory-missing when the snapshot does not hold all of it
   */
  read(address: SignedAddress, size: Bytes, what: string): Uint8Array;
}

/**
 * What becomes of a paravirt site, in the words of Jeremy Fitzhardinge's mail of 2007 on what patching
 * does to a paravirt call; `unchanged` for one that the kernel leaves as it is.
 */
export const outcomes = ['direct call', 'no-op', 'inline sequence', 'unchanged'] as const;

export type Outcome = (typeof outcomes)[number];

/** How a field that leads into pv_ops uses it. */
export const fieldUses = ['indirect call', 'indirect jump', 'other instruction', 'data'] as const;

export type FieldUse = (typeof fieldUses)[number];

/** One family: where its table is, what its sites are, and what the kernel makes of them. */
export interface PatchFamily<Sites extends SiteTable = SiteTable> {
  readonly name: FamilyName;
  /** One line for help and docs: what the sites are for. */
  readonly summary: string;
  /** Kernel files that the knowledge came from. */
  readonly learntFrom: readonly string[];
  /**
   * Reads the kernel's table. Undefined where the kernel has none.
   * @throws patch-table-malformed, patch-outside
   */
  read(kernel: PatchKernel): Sites | undefined;
  /** What a site is, before anything is known of a target. */
  describe(kernel: PatchKernel, sites: Sites, index: IndexIntoSiteTable): string;
  /**
   * How a site is rewritten, into `text`, as the kernel does at boot on that target. Called for one
   * site after the other, in the order of the table. Undefined where the kernel leaves all as they are.
   * @throws patch-algorithm-unknown, patch-capabilities, patch-no-name
   */
  resolver(target: Target, sites: Sites, text: PatchedText): SiteResolver | undefined;
  /**
   * Subjects whose sites the kernel runs through before it applies the table, and that lead
   * elsewhere then: resolved offline they would come too early, so they are left to the kernel.
   */
  early?(kernel: PatchKernel, target: Target, sites: Sites): string[];
  /**
   * Why the kernel must find its sites as they were compiled. Such a family is resolved to prove the
   * text, and left to the kernel in a file that is to boot.
   */
  readonly checkedAtBoot?: string;
  /**
   * For a family whose text follows a variable that the kernel goes on changing: what the
   * variables must begin with for the resolved text and the data to agree from the first instruction on.
   */
  finalData?(kernel: PatchKernel, target: Target, sites: Sites): FinalData[];
  /** How much is known of the family in kernels of each series. Absent: not looked at. */
  readonly support?: Readonly<Record<KernelSeries, Support>>;
}

/** @throws patch-shape-unknown for an instruction that the kernel would not have made */
export type SiteResolver = (index: IndexIntoSiteTable) => void;

/** Initial data that must change together with the text. */
export interface FinalData {
  /** The key or call, by name as `describe` gives it. */
  subject: string;
  address: SignedAddress;
  bytes: Uint8Array;
  /** The field, for people: `static_key.enabled`. */
  what: string;
  /** False in .bss, which has no bytes in the file: the subject's sites must then be left to the kernel. */
  inFile: boolean;
}

/** Kernel series whose tables were tried, for the matrix in docs/patching/sites.md. */
export const kernelSeries = ['6.1', '6.12'] as const;

export type KernelSeries = (typeof kernelSeries)[number];

/**
 * proved: offline text equals the text in guest memory, in the integration tests.
 * listed: sites of a real kernel of the series were read, none was malformed.
 * absent: kernels of the series have no such sites.
 * unknown: not tried.
 */
export type Support = 'proved' | 'listed' | 'absent' | 'unknown';

/**
 * A kernel's code that is being rewritten. What is written remembers who wrote it; what was
 * written first is what the next family finds there, as in the kernel.
 */
export interface PatchedText {
  readonly kernel: PatchKernel;
  /** The bytes as they are now. A copy. @throws patch-outside */
  get(address: SignedAddress, size: Bytes): Uint8Array;
  /** @throws patch-outside */
  put(address: SignedAddress, bytes: Uint8Array, by: WrittenBy): void;
}

/** Who wrote a byte: a family and the row of its table, or -1 for what is no site: the table itself. */
export interface WrittenBy {
  family: FamilyName | 'constant';
  index: IndexIntoSiteTable;
}

/** How an image of the workspace was patched. Stored as JSON. */
export interface PatchRecord {
  schema: 1;
  environment: EnvironmentName;
  cpu: string;
  /** Input hash of the boot whose memory told what the kernel finds on that target. */
  observation: Sha256;
  keepTables: boolean;
  families: ResolvedFamily[];
  constants: PatchedConstant[];
}

/** What became of one family. */
export interface ResolvedFamily {
  family: FamilyName;
  /** Entries of the kernel's table. */
  sites: number;
  /** Sites whose bytes changed, and how many bytes that was. */
  changed: number;
  changedBytes: Bytes;
  /** How its table was put out of use; null where the kernel goes on using it. */
  settled: SettledTable | null;
  /** Keys and calls whose initial value changed with their sites. */
  initial: string[];
  /** What was left to the kernel: members of pv_ops, keys and calls by name, else sites by place. */
  left: string[];
  /** Why all of it was left to the kernel; null where it was not. */
  leftBecause: string | null;
}

/** How a table was put out of use. */
export interface SettledTable {
  /** Calls at boot that became no-ops. */
  calls: number;
  /** Bytes of tables that became zeros, and pack to nothing. */
  emptied: Bytes;
  /** Entries that the kernel goes on applying. */
  kept: number;
}

/** A variable whose loads became immediates. */
export interface PatchedConstant {
  symbol: string;
  /** Hexadecimal. */
  value: string;
  /** Loads that were replaced, and that were not. */
  replaced: number;
  refused: number;
}
