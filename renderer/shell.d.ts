import type { Shell } from '../engine/contract/app/shell.js';

declare global {
  interface Window {
    /** The bridge of the preload (electron/preload/preload.ts). */
    readonly shell: Shell;
  }
}
