import type { ImageRecord } from '../../db/records.js';
import type { Bytes, Milliseconds, Sha256 } from '../units.js';

/** Names of the flavours that ship with the lab; `--flavours` also takes paths of user fragments. */
export type FlavourName = string;

/** A build variant as data: the fragments that are merged over `tinyconfig`, in order. */
export interface Flavour {
  name: FlavourName;
  summary: string;
  /** Absolute paths of kconfig fragments, merged in this order. */
  fragments: string[];
  /** Lines `CC`, `AS`, `AR`, `LD` that make prints for it: a guess until one was built here. */
  steps?: number | undefined;
}

/** How the digest of a source was taken. */
export type SourceDigestMethod =
  /** SHA-256 of the tarball and the package's version. */
  | 'tarball'
  /** git's HEAD commit, and the contents of every file that differs from it. */
  | 'git'
  /** Path, size, mode and modification time of every file: no contents were read. */
  | 'file-times';

/**
 * What was built, from what, with what, and how to do it again. Stored as JSON
 * beside the image and in the database.
 */
export interface BuildRecord {
  schema: 1;
  flavour: FlavourName;
  /** Key of the incremental cache: source + configuration + toolchain. */
  key: Sha256;
  source: {
    /** `linux-source-6.1` (Debian package) or a folder the user gave. */
    origin: string;
    /** `make kernelversion`. */
    version: string;
    /** Version of the Debian package, or `git describe --always --dirty`, when known. */
    revision?: string | undefined;
    /** Digest of the source as the cache key took it. */
    digest: Sha256;
    digestMethod: SourceDigestMethod;
  };
  configuration: { digest: Sha256; fragments: { name: string; digest: Sha256 }[] };
  toolchain: Record<string, string>;
  environment: Record<string, string>;
  /** Shell commands that reproduce the image on another machine. */
  reproduce: string[];
  artifacts: {
    bzImage: { sha256: Sha256; size: Bytes };
    vmlinux: { sha256: Sha256; size: Bytes };
    config: { sha256: Sha256; size: Bytes };
    systemMap: { sha256: Sha256; size: Bytes };
    /** Where the linker put what, in GNU ld's form; absent where it could not be had. */
    linkMap?: { sha256: Sha256; size: Bytes };
  };
  /**
   * Whether `arch/x86/boot/compressed` can be linked again from the part of the
   * build folder that was kept: tried after the build, with equal bytes.
   */
  relinkable: boolean;
  /** Lines `CC`, `AS`, `AR`, `LD` that make printed, only to show the next build's progress. */
  steps: number;
  /** Wall time of `make`, only to estimate the next build. */
  wall: Milliseconds;
  /** When make ended: ISO 8601, UTC. */
  builtAt: string;
}

export interface BuildRequest {
  /** A shipped name, the path of a fragment, or a flavour made by the caller. */
  flavour: FlavourName | Flavour;
  /**
   * Kernel source: the folder of a tree, or the version of an installed
   * `linux-source-VERSION` package (`6.1`); the newest installed one by default.
   */
  source?: string | undefined;
  /** Parallel compilers; as many as there are processors by default. */
  jobs?: number | undefined;
}

export interface BuildResult {
  image: ImageRecord;
  record: BuildRecord;
  /** Nothing was compiled: an earlier build had the same source, configuration and toolchain. */
  cached: boolean;
  /** Folder of this build in the workspace: the log, the record, and `tree/` for relinking. */
  folder: string;
  /** What the user should know: a fragment that overrides another. */
  warnings: string[];
}
