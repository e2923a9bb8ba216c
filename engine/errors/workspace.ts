import { defineError } from './lab-error.js';

/** Errors of the workspace folder and its store of files. */
export const workspaceErrors = {
  unwritable: defineError<{ folder: string; reason: string }>(
    'workspace-unwritable',
    'environment',
    'the workspace folder cannot be made or written: permissions, another owner, a read-only disk',
    ({ folder, reason }) => ({
      message: `the workspace cannot be written: ${reason}`,
      place: { file: folder },
      hint: 'set KBL_HOME to a folder of your own, or change its owner: `sudo chown -R "$USER" FOLDER`',
    }),
  ),
  full: defineError<{ folder: string }>(
    'workspace-full',
    'environment',
    'the disk that holds the workspace is full, or your quota is used up',
    ({ folder }) => ({
      message: 'the disk that holds the workspace is full',
      place: { file: folder },
      hint: 'free some space (`df -h`), or set KBL_HOME to a folder on another disk',
    }),
  ),
  notFolder: defineError<{ path: string }>(
    'workspace-not-folder',
    'environment',
    'the path of the workspace, or a part of it, is a file',
    ({ path }) => ({
      message: 'the workspace is not a folder',
      place: { file: path },
      hint: 'set KBL_HOME to a folder',
    }),
  ),
  notRegularFile: defineError<{ file: string }>(
    'not-a-regular-file',
    'input',
    'a folder, device or pipe was given where a file is needed',
    ({ file }) => ({
      message: 'not a regular file',
      place: { file },
      hint: 'give a file; copy the contents of a pipe or device into one first',
    }),
  ),
  storeMissing: defineError<{ sha256: string; path: string }>(
    'store-missing',
    'environment',
    'a file that the database knows is gone from the store',
    ({ sha256, path }) => ({
      message: `the store has no file with the digest ${sha256}`,
      place: { file: path },
      hint: 'build or import the image again',
    }),
  ),
  storeDamaged: defineError<{ sha256: string; path: string; found: string }>(
    'store-damaged',
    'mismatch',
    'a file of the store no longer has the digest it is named by',
    ({ sha256, path, found }) => ({
      message: `a stored file has changed: its digest is ${found}, not ${sha256}`,
      place: { file: path },
      hint: 'build or import the image again, which puts the right bytes back; then check the disk',
    }),
  ),
};
