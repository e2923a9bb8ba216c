import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { openWorkspace, workspaceHome } from '../workspace/workspace.js';
import { coloursFor, type Colours } from './colours.js';
import { createProgress, type ProgressView } from './progress.js';

/** What a command talks to; `process` is one. */
export interface Terminal {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** Options that every verb takes. */
export interface CommonOptions {
  json: boolean;
  verbose: boolean;
  /** The workspace's folder, where it is not the default. */
  workspace: string | undefined;
}

/** What the frame gives a verb to work with. */
export interface Context {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly terminal: Terminal;
  /** Colours for stdout. */
  readonly colours: Colours;
  /** Progress and cancellation, for the engine's long functions. */
  readonly job: { onProgress: NonNullable<JobOptions['onProgress']>; signal: AbortSignal };
  /** Folder of the workspace, whether it exists or not. */
  readonly home: string;
  /** Opens the workspace when it is first asked for; the frame closes it. */
  workspace(): Promise<Workspace>;
  /** A line on stderr, between the lines of progress. */
  note(line: string): void;
}

/** A context and what only the frame may do with it. */
export interface OwnedContext extends Context {
  readonly view: ProgressView;
  close(): Promise<void>;
}

export function createContext(
  common: CommonOptions,
  terminal: Terminal,
  signal: AbortSignal,
): OwnedContext {
  const { json, verbose } = common;
  const colours = coloursFor(terminal.stderr);
  const view = createProgress(terminal.stderr, { colours, verbose });
  let opened: Promise<Workspace> | undefined;
  return {
    json,
    verbose,
    terminal,
    colours: coloursFor(terminal.stdout),
    job: { onProgress: view.listener, signal },
    home: workspaceHome(common.workspace),
    workspace: () =>
      (opened ??= openWorkspace(common.workspace, {
        verbose,
        echo: (line) => view.note(colours.dim(line)),
      })),
    note: view.note,
    view,
    close: async () => {
      view.stop();
      // One that could not be opened has been reported, and has nothing to close.
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
