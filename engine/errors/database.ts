import { defineError } from './lab-error.js';

/** Errors of the database in the workspace, and of names looked up in it. */
export const databaseErrors = {
  newer: defineError<{ file: string; found: number; known: number }>(
    'database-newer',
    'environment',
    'the database was written by a newer version of the lab',
    ({ file, found, known }) => ({
      message: `the database has schema ${found}, and this version of the lab knows schemas up to ${known}`,
      place: { file },
      hint: 'update the lab, or set KBL_HOME to another folder to work apart from it',
    }),
  ),
  damaged: defineError<{ file: string; detail: string }>(
    'database-damaged',
    'environment',
    'the database file is not an SQLite database of the lab, or its contents are damaged',
    ({ file, detail }) => ({
      message: `the database cannot be used: ${detail}`,
      place: { file },
      hint: 'move the file away (with its -wal and -shm) and start again; `sqlite3 FILE .recover` may save its rows',
    }),
  ),
  busy: defineError<{ file: string; seconds: number }>(
    'database-busy',
    'busy',
    'another program kept the database locked',
    ({ file, seconds }) => ({
      message: `the database stayed locked by another program for ${seconds} s`,
      place: { file },
      hint: `find the program with \`fuser ${file}\`, let it finish, and try again`,
    }),
  ),
  unwritable: defineError<{ file: string; detail: string }>(
    'database-unwritable',
    'environment',
    'the database cannot be opened for writing',
    ({ file, detail }) => ({
      message: `the database cannot be written: ${detail}`,
      place: { file },
      hint: 'check the permissions of the file and its folder; network file systems will not do: set KBL_HOME to a local folder',
    }),
  ),
  full: defineError<{ file: string }>(
    'database-full',
    'environment',
    'the disk is full, so the database cannot grow',
    ({ file }) => ({
      message: 'the database cannot grow: the disk is full',
      place: { file },
      hint: 'free some space (`df -h`), or set KBL_HOME to a folder on another disk',
    }),
  ),
  nameTaken: defineError<{ what: string; name: string }>(
    'name-taken',
    'usage',
    'an image or experiment was given a name that another one has',
    ({ what, name }) => ({
      message: `there is another ${what} with the name "${name}"`,
      hint: 'choose another name',
    }),
  ),
  nameInvalid: defineError<{ what: string; name: string }>(
    'name-invalid',
    'usage',
    'a name is empty, longer than 200 characters, begins with "-", has control characters in it, or, for an image, a "/"',
    ({ what, name }) => ({
      message: `${JSON.stringify(name.slice(0, 200))} cannot be the name of an ${what}`,
      hint: 'choose a name of 1 to 200 characters without "-" in front, "/" or control characters',
    }),
  ),
  imageUnknown: defineError<{ reference: string }>(
    'image-unknown',
    'usage',
    'no image has that name or digest',
    ({ reference }) => ({
      message: `there is no image "${reference}"`,
      hint: 'list the images with `kbl images`, or add one with `kbl import FILE`',
    }),
  ),
  imageAmbiguous: defineError<{ reference: string; names: string[] }>(
    'image-ambiguous',
    'usage',
    'the digits given begin the digests of several images',
    ({ reference, names }) => ({
      message: `"${reference}" may mean any of ${names.join(', ')}`,
      hint: 'give more digits of the digest, or the name',
    }),
  ),
  experimentUnknown: defineError<{ reference: string }>(
    'experiment-unknown',
    'usage',
    'no experiment has that name or number',
    ({ reference }) => ({
      message: `there is no experiment "${reference}"`,
      hint: 'list them with `kbl experiments`',
    }),
  ),
  runUnknown: defineError<{ experiment: string; run: number }>(
    'run-unknown',
    'usage',
    'an experiment has no run of that number',
    ({ experiment, run }) => ({
      message: `experiment "${experiment}" has no run ${run}`,
      hint: `the column RUN of \`kbl experiments ${experiment}\` has their numbers`,
    }),
  ),
  runWithoutConsole: defineError<{ run: number; state: string }>(
    'run-without-console',
    'usage',
    'the console of a run is asked for that goes on or was interrupted, so that none is stored',
    ({ run, state }) => ({
      message: `no console is stored of run ${run}, which is ${state}`,
      hint: 'a console is stored when its run ends; `kbl resume EXPERIMENT` runs what is not done',
    }),
  ),
  experimentBusy: defineError<{ name: string; pid: number }>(
    'experiment-busy',
    'busy',
    'another process is running that experiment',
    ({ name, pid }) => ({
      message: `experiment "${name}" is being run by process ${pid}`,
      hint: 'wait for it to end, or stop that process',
    }),
  ),
};
