import type { ErrorBody, Job } from '../../engine/contract/app/jobs.js';
import {
  defaultSettings,
  type HostHealth,
  type RecentItem,
  type Settings,
} from '../../engine/contract/app/shell.js';
import { bodyOf } from './client.js';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly error?: ErrorBody;
  readonly undo?: () => void;
}

interface AppState {
  /** Id of the screen that is shown. */
  screen: string;
  palette: boolean;
  /** A dialog of the Help menu. */
  help: 'keys' | 'about' | null;
  jobs: Job[];
  toasts: Toast[];
  /** Folder of the workspace, as the engine host says. */
  workspace: string;
  health: HostHealth;
  settings: Settings;
  /** What was opened lately, the newest first. */
  recent: RecentItem[];
}

/** What every screen sees of the app. */
export const state = $state<AppState>({
  screen: 'images',
  palette: false,
  help: null,
  jobs: [],
  toasts: [],
  workspace: '',
  health: { state: 'starting', restarts: 0, lastExit: null },
  settings: defaultSettings,
  recent: [],
});

let lastToast = 0;
/** Milliseconds: shorter than the host's time for undoing. */
const toastTime = 12_000;

/** Shows a short message; with `undo` it has a button. Errors stay until they are closed. */
export function toast(text: string, more: Pick<Toast, 'undo' | 'error'> = {}): void {
  const id = ++lastToast;
  state.toasts.push({ id, text, ...more });
  if (!more.error) setTimeout(() => closeToast(id), toastTime);
}

export function closeToast(id: number): void {
  state.toasts = state.toasts.filter((one) => one.id !== id);
}

/** Shows what a command ran into. Cancelling is no error. */
export function report(error: unknown): void {
  const body = bodyOf(error);
  if (body.code !== 'cancelled') toast(body.message, { error: body });
}

/** Whether a screen's job goes on; false where it has none. */
export function isRunning(job: number | undefined): boolean {
  return state.jobs.some((one) => one.id === job && one.state === 'running');
}

export function jobChanged(job: Job): void {
  const at = state.jobs.findIndex(({ id }) => id === job.id);
  if (at < 0) state.jobs.push(job);
  else state.jobs[at] = job;
}
