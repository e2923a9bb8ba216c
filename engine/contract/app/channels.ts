/** Names of the channels between preload and main. Apart from shell.ts, since the preload carries no schemas. */
export const shellChannels = {
  settings: 'shell:settings',
  changeSettings: 'shell:change-settings',
  changeWorkspace: 'shell:change-workspace',
  chooseFiles: 'shell:choose-files',
  chooseBootFile: 'shell:choose-boot-file',
  useBootFile: 'shell:use-boot-file',
  chooseSaveFile: 'shell:choose-save-file',
  saveText: 'shell:save-text',
  guestsRun: 'shell:guests-run',
  grantDropped: 'shell:grant-dropped',
  recentItems: 'shell:recent-items',
  openedImage: 'shell:opened-image',
  openRecent: 'shell:open-recent',
  clearRecent: 'shell:clear-recent',
  printPdf: 'shell:print-pdf',
  notify: 'shell:notify',
  copyText: 'shell:copy-text',
  perform: 'shell:perform',
  about: 'shell:about',
  takeMessage: 'shell:take-message',
  restartHost: 'shell:restart-host',
  hostHealth: 'shell:host-health',
  /** The window is loaded and wants a port to the engine host. */
  ready: 'shell:ready',
} as const;

/** What main tells the preload unasked. */
export const shellEvents = {
  hostHealth: 'shell:on-host-health',
  command: 'shell:on-command',
  recentItems: 'shell:on-recent-items',
  port: 'shell:port',
} as const;

/** The message that brings a port into the window's own world. */
export const portMessage = 'kbl-engine-port';
