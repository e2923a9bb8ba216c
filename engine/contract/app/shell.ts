import { z } from 'zod';

/**
 * What the window asks of the main process, through the preload: dialogs,
 * settings, the engine host's life. Validated in main.
 */

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Files of the machine that the user may choose instead of those that are found (engine/chosen.mjs). */
export const bootFile = z.enum(['qemu', 'xen', 'ovmf']);
export type BootFile = z.infer<typeof bootFile>;

const chosenPath = z.string().nullable();
/** What is chosen of each; null for what the engine finds by itself. */
export const bootFiles = z.strictObject({ qemu: chosenPath, xen: chosenPath, ovmf: chosenPath });
export type BootFiles = z.infer<typeof bootFiles>;

export const settings = z.strictObject({
  theme: z.enum(themes),
  /** Folder of the workspace; null for the default (KBL_HOME, else the XDG data folder). */
  workspace: z.string().nullable(),
  /** Parallel compilers; null for one a processor. */
  jobs: z.int().min(1).max(1024).nullable(),
  /** Tell the desktop of what ended while the window was not in front. */
  notifications: z.boolean(),
  bootFiles,
});
export type Settings = z.infer<typeof settings>;

export const defaultSettings: Settings = {
  theme: 'system',
  workspace: null,
  jobs: null,
  notifications: true,
  bootFiles: { qemu: null, xen: null, ovmf: null },
};

/** What the window may change by itself; a file or folder is changed by a dialog only. */
export const settingsChange = settings
  .pick({ theme: true, jobs: true, notifications: true })
  .partial()
  .strict();
export type SettingsChange = z.infer<typeof settingsChange>;

/** A file or folder the user chose. The window learns its name; only main and host know the path. */
export interface GrantedFile {
  readonly token: string;
  readonly name: string;
}

/** What a window can do by itself, for the palette; the menu bar has it as well. */
export const windowAction = z.enum(['zoom-in', 'zoom-out', 'zoom-reset', 'full-screen', 'quit']);
export type WindowAction = z.infer<typeof windowAction>;

/** Versions, for bug reports. */
export interface About {
  readonly version: string;
  readonly electron: string;
  readonly chromium: string;
  readonly node: string;
  /** The log of the main process; the engine's is in the workspace. */
  readonly log: string;
}

/** Something that was opened lately. */
export interface RecentItem {
  readonly id: string;
  readonly name: string;
  /** Digest of an image of the workspace; null for a file that was imported. */
  readonly image: string | null;
}

export const fileChoice = z.enum(['kernels', 'folder', 'fragments', 'vmlinux']);
export type FileChoice = z.infer<typeof fileChoice>;

export type HostState = 'starting' | 'running' | 'unresponsive' | 'stopped';

/** Life of the engine host, as the status bar shows it. */
export interface HostHealth {
  readonly state: HostState;
  /** How often it was started again since the app was opened. */
  readonly restarts: number;
  /** How the last one ended, in words; null when none has. */
  readonly lastExit: string | null;
}

/** `window.shell`, made by the preload. */
export interface Shell {
  settings(): Promise<Settings>;
  changeSettings(change: SettingsChange): Promise<Settings>;
  /** Lets the user choose another workspace folder (`choose`), or takes the default again. */
  changeWorkspace(to: 'choose' | 'default'): Promise<Settings>;
  chooseFiles(choice: FileChoice): Promise<GrantedFile[]>;
  /** Lets the user choose a file to boot with; `doctor.tryFile` says what it is. Null when thought better of. */
  chooseBootFile(file: BootFile): Promise<GrantedFile | null>;
  /** Boots with the file that the user chose from now on, or with what the engine finds (null). */
  useBootFile(file: BootFile, token: string | null): Promise<Settings>;
  /** Where something is to be saved; null when the user thinks better of it. */
  chooseSaveFile(suggestedName: string): Promise<GrantedFile | null>;
  /**
   * Saves a text of the window's own where the user says; its file's name, or null. Main writes it:
   * what the engine host made is still there when that is gone.
   */
  saveText(suggestedName: string, text: string): Promise<string | null>;
  /** How many guests run in this window: asked about before it closes. */
  guestsRun(count: number): Promise<void>;
  /** Files of a drop, which only the user's own hand can make. */
  grantDropped(files: readonly File[]): Promise<GrantedFile[]>;
  recentItems(): Promise<RecentItem[]>;
  /** An image of the workspace was opened: it is the newest of the recent items now. */
  openedImage(sha256: string, name: string): Promise<void>;
  /** The file of a recent item; null where it is none. */
  openRecent(id: string): Promise<GrantedFile | null>;
  clearRecent(): Promise<void>;
  onRecentItems(listener: (items: RecentItem[]) => void): void;
  /** Prints what the window shows, by its print style, to a PDF that the user names; its name, or null. */
  printPdf(suggested: string): Promise<string | null>;
  /** A desktop notification, shown when the window is not in front; a click brings that back. */
  notify(title: string, body: string): Promise<void>;
  copyText(text: string): Promise<void>;
  perform(action: WindowAction): Promise<void>;
  about(): Promise<About>;
  /** What happened while there was no window to tell it in (the last one crashed); null for nothing. */
  takeMessage(): Promise<string | null>;
  restartHost(): Promise<void>;
  hostHealth(): Promise<HostHealth>;
  onHostHealth(listener: (health: HostHealth) => void): void;
  /** A menu item or accelerator of the main process: the id of a command. */
  onCommand(listener: (command: string) => void): void;
}
