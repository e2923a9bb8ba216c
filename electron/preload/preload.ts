import { contextBridge, ipcRenderer, webUtils } from 'electron/renderer';
import { portMessage, shellChannels, shellEvents } from '../../engine/contract/app/channels.js';
import type { HostHealth, RecentItem, Shell } from '../../engine/contract/app/shell.js';

/** The bridge, and nothing else: every channel is named here, none by the window. */
const shell: Shell = {
  settings: () => ipcRenderer.invoke(shellChannels.settings),
  changeSettings: (change) => ipcRenderer.invoke(shellChannels.changeSettings, change),
  changeWorkspace: (to) => ipcRenderer.invoke(shellChannels.changeWorkspace, to),
  chooseFiles: (choice) => ipcRenderer.invoke(shellChannels.chooseFiles, choice),
  chooseBootFile: (file) => ipcRenderer.invoke(shellChannels.chooseBootFile, file),
  useBootFile: (file, token) => ipcRenderer.invoke(shellChannels.useBootFile, file, token),
  chooseSaveFile: (name) => ipcRenderer.invoke(shellChannels.chooseSaveFile, name),
  saveText: (name, text) => ipcRenderer.invoke(shellChannels.saveText, name, text),
  guestsRun: (count) => ipcRenderer.invoke(shellChannels.guestsRun, count),
  // A File that a script made has no path: only a real drop gets one.
  grantDropped: (files) =>
    ipcRenderer.invoke(
      shellChannels.grantDropped,
      files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== ''),
    ),
  recentItems: () => ipcRenderer.invoke(shellChannels.recentItems),
  openedImage: (sha256, name) => ipcRenderer.invoke(shellChannels.openedImage, sha256, name),
  openRecent: (id) => ipcRenderer.invoke(shellChannels.openRecent, id),
  clearRecent: () => ipcRenderer.invoke(shellChannels.clearRecent),
  onRecentItems: (listener) => {
    ipcRenderer.on(shellEvents.recentItems, (_event, items: RecentItem[]) => listener(items));
  },
  printPdf: (name) => ipcRenderer.invoke(shellChannels.printPdf, name),
  notify: (title, body) => ipcRenderer.invoke(shellChannels.notify, title, body),
  copyText: (text) => ipcRenderer.invoke(shellChannels.copyText, text),
  perform: (action) => ipcRenderer.invoke(shellChannels.perform, action),
  about: () => ipcRenderer.invoke(shellChannels.about),
  takeMessage: () => ipcRenderer.invoke(shellChannels.takeMessage),
  restartHost: () => ipcRenderer.invoke(shellChannels.restartHost),
  hostHealth: () => ipcRenderer.invoke(shellChannels.hostHealth),
  onHostHealth: (listener) => {
    ipcRenderer.on(shellEvents.hostHealth, (_event, health: HostHealth) => listener(health));
  },
  onCommand: (listener) => {
    ipcRenderer.on(shellEvents.command, (_event, command: string) => listener(command));
  },
};
contextBridge.exposeInMainWorld('shell', shell);

// contextBridge cannot carry a port; a message within the window can.
ipcRenderer.on(shellEvents.port, ({ ports }) => {
  window.postMessage(portMessage, window.location.origin, ports);
});
window.addEventListener('message', ({ data, source }) => {
  if (source === window && data === 'kbl-ready') ipcRenderer.send(shellChannels.ready);
});
