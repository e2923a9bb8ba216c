import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  app,
  dialog,
  type Details,
  type RenderProcessGoneDetails,
  type WebContents,
} from 'electron/main';
import { fileLogger } from '../../engine/workspace/log.js';

/** A window that dies this often within a minute is not opened again without asking. */
const reopenLimit = 3;

/**
 * What goes wrong outside of the engine: bugs of the main process, windows and helper
 * processes that die. It is logged, and there is always a way on.
 */
export class Trouble {
  /** Path of the log. */
  readonly log: string;
  readonly #logger: ReturnType<typeof fileLogger>;
  #deaths: number[] = [];
  #message: string | null = null;
  #asking = false;

  constructor(log: string) {
    this.log = log;
    mkdirSync(dirname(log), { recursive: true });
    this.#logger = fileLogger(log);
    process.on('uncaughtException', (error) => void this.#bug(error));
    process.on('unhandledRejection', (error) => void this.#bug(error));
    app.on('render-process-gone', (_event, contents, details) => {
      void this.#windowGone(contents, details);
    });
    // Chromium starts its own helpers (GPU) again, and draws without one that keeps dying.
    app.on('child-process-gone', (_event, details: Details) => {
      if (details.reason !== 'clean-exit')
        this.#logger.warn('a helper process ended', { ...details });
    });
  }

  /** What the next window is to tell the user; once. */
  takeMessage(): string | null {
    const message = this.#message;
    this.#message = null;
    return message;
  }

  async #windowGone(contents: WebContents, details: RenderProcessGoneDetails): Promise<void> {
    if (details.reason === 'clean-exit' || contents.isDestroyed()) return;
    this.#logger.error('the window ended', { ...details });
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((time) => now - time < 60_000), now];
    const how = `${details.reason}, exit code ${details.exitCode}`;
    if (this.#deaths.length >= reopenLimit) {
      const again = await this.#ask(
        'The window keeps ending',
        `Its process ended ${this.#deaths.length} times within a minute (${how}).`,
        ['Open it again', 'Quit'],
      );
      if (!again) return app.quit();
      this.#deaths = [];
    }
    if (contents.isDestroyed()) return;
    this.#message = `The window ended (${how}) and was opened again. Jobs go on; consoles were closed.`;
    contents.reload();
  }

  async #bug(error: unknown): Promise<void> {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    this.#logger.error(`bug: ${message}`, { stack });
    if (!app.isReady()) {
      dialog.showErrorBox('Kernel Boot Lab cannot start', `${message}\n\n${this.log}`);
      return app.exit(1);
    }
    // One question at a time: a bug in a timer would ask for ever.
    if (this.#asking) return;
    const goOn = await this.#ask('A bug in Kernel Boot Lab', message, ['Go on', 'Quit']);
    if (!goOn) app.quit();
  }

  /** @returns whether the first of the answers was given */
  async #ask(message: string, detail: string, buttons: [string, string]): Promise<boolean> {
    this.#asking = true;
    try {
      const { response } = await dialog.showMessageBox({
        type: 'error',
        message,
        detail: `${detail}\n\nWhat happened is in ${this.log}. What was stored is safe.`,
        buttons,
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      return response === 0;
    } finally {
      this.#asking = false;
    }
  }
}
