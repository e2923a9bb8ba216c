import type { LabDatabase } from '../../db/lab-database.js';
import type { LockHolder } from '../../db/records.js';
import type { Bytes, Sha256 } from '../units.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One event a call. `details` is appended as JSON. Never throws: a full disk must not stop a job. */
export interface Logger {
  debug(message: string, details?: Record<string, unknown>): void;
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}

/** A file of the store. */
export interface StoredFile {
  sha256: Sha256;
  size: Bytes;
  /** Absolute path; the file is read-only and its contents never change. */
  path: string;
  /** The same bytes were there before. */
  existed: boolean;
}

/** Content-addressed files: `store/ab/abcdef...`. */
export interface Store {
  /**
   * Stores bytes, or a copy of a regular file, and returns where. The file is
   * in place completely or not at all, whatever happens.
   * @throws file-missing, not-a-regular-file, workspace-full, workspace-unwritable, cancelled
   */
  put(
    source: Uint8Array | { file: string },
    options?: { signal?: AbortSignal | undefined },
  ): Promise<StoredFile>;
  /** Where a digest's file is; does not look whether it is there. */
  path(sha256: Sha256): string;
  has(sha256: Sha256): Promise<boolean>;
  /**
   * Path of a file whose bytes still have their digest.
   * @throws store-missing, store-damaged
   */
  verified(sha256: Sha256, options?: { signal?: AbortSignal | undefined }): Promise<string>;
  /** Removes a file; no error when it is not there. */
  remove(sha256: Sha256): Promise<void>;
}

export interface LockOptions {
  /** What the holder does, shown to those who wait: `building native`. */
  what: string;
  signal?: AbortSignal | undefined;
  /** Called once, when another holds the lock and waiting begins. */
  onWait?: ((holder: LockHolder) => void) | undefined;
}

/** Folders of a workspace, absolute. */
export type WorkspaceFolders = Readonly<
  Record<'home' | 'store' | 'builds' | 'sources' | 'experiments' | 'log' | 'tmp', string>
>;

export interface Workspace {
  readonly folders: WorkspaceFolders;
  readonly database: LabDatabase;
  readonly store: Store;
  readonly log: Logger;
  /**
   * Runs `work` while this caller alone, among all processes, holds `name`
   * (`build:<key>`, `source:<digest>`). Waits for a living holder, takes over
   * from a dead one. Not reentrant: a second call for a held name waits, also
   * within one process.
   * @throws cancelled when the signal aborts the wait
   */
  withLock<T>(name: string, options: LockOptions, work: () => Promise<T>): Promise<T>;
  /**
   * A new empty folder (mode 0700) under this process's part of `tmp/`, removed
   * at close() or, should the process die, when the workspace is next opened.
   */
  temporaryFolder(name: string): Promise<string>;
  /** Removes temporary folders and closes the database. */
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  /** Logs debug events too, and hands every line to `echo`. */
  verbose?: boolean | undefined;
  /** Receives each line of the log, without its newline, when `verbose`. */
  echo?: ((line: string) => void) | undefined;
}
