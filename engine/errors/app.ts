import { defineError } from './lab-error.js';

type FileUse = keyof typeof participles;
const participles = { read: 'read', write: 'written', boot: 'booted with' } as const;

/** Errors of the desktop app: between its window and the engine host. */
export const appErrors = {
  hostGone: defineError<{ what: string }>(
    'app-host-gone',
    'environment',
    'the engine host of the desktop app ended while something was asked of it',
    ({ what }) => ({
      message: `the engine host ended during ${what}`,
      hint: 'it is started again by itself; try again. What was stored is safe',
    }),
  ),
  badFrame: defineError<{ what: string; problem: string }>(
    'app-bad-message',
    'input',
    'a message between the processes of the desktop app is not what the contract says',
    ({ what, problem }) => ({
      message: `${what} is not what the contract says: ${problem}`,
      hint: 'set the app up again (`npm run setup`) and restart it; if it stays, please report it',
    }),
  ),
  fileNotGranted: defineError<Record<string, never>>(
    'app-file-not-granted',
    'usage',
    'the window asks for a file that the user has not chosen by dialog or drop',
    () => ({
      message: 'this file was not chosen in a dialog or dropped on the window',
      hint: 'choose the file again',
    }),
  ),
  fileOtherUse: defineError<{ chosen: FileUse; asked: FileUse }>(
    'app-file-other-use',
    'usage',
    'the window asks to use a file for another thing (reading, writing, booting with it) than the user chose it for',
    ({ chosen, asked }) => ({
      message: `this file was chosen to be ${participles[chosen]}, not ${participles[asked]}`,
      hint: 'choose the file again, for what it is to be used for',
    }),
  ),
  jobUnknown: defineError<{ id: number }>(
    'app-job-unknown',
    'usage',
    'a job of the desktop app is asked for that the engine host does not have (any more)',
    ({ id }) => ({
      message: `there is no job ${id}`,
      hint: 'it belonged to an earlier run of the engine host; start it again',
    }),
  ),
  jobRunning: defineError<{ title: string }>(
    'app-job-running',
    'busy',
    'something that can go on only once is started in the desktop app while it goes on',
    ({ title }) => ({
      message: `"${title}" is going on already`,
      hint: 'wait for it to end, or cancel it in the status bar',
    }),
  ),
  guestUnknown: defineError<{ number: number }>(
    'app-guest-unknown',
    'usage',
    'something is asked of a guest of the desktop app that is not there (yet, or any more)',
    ({ number }) => ({
      message: `there is no guest ${number} to ask this of`,
      hint: 'it is only just starting, or its console was closed; boot the image again',
    }),
  ),
  streamUnknown: defineError<{ name: string }>(
    'app-stream-unknown',
    'usage',
    'the desktop app is asked for a stream that a guest does not have',
    ({ name }) => ({
      message: `this guest has no stream "${name}"`,
      hint: 'only a guest under a hypervisor has the stream of a hypervisor',
    }),
  ),
  bug: defineError<{ message: string; log: string }>(
    'app-bug',
    'environment',
    'a bug in the lab: the desktop app goes on, and its log has the stack',
    ({ message, log }) => ({
      message: `a bug in Kernel Boot Lab: ${message}`,
      place: { file: log },
      hint: 'its stack is at the end of that file; please report it',
    }),
  ),
};
