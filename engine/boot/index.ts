/** Booting images: emulators, environments, consoles and what became of a guest. */
export * from './types.js';
export { environments, type Environment } from './environments/index.js';
export { createQemu, type QemuEmulator, type QemuOptions } from './qemu/emulator.js';
export type { KeptLine, QemuGuest } from './qemu/guest.js';
export { findProgram, qemuProgram, type QemuCapabilities } from './qemu/probe.js';
export type { QmpClient, QmpEvent } from './qemu/qmp.js';
export { findFirmware } from './firmware.js';
export { findXen, namedXen, unpackXen, xenBanner, type XenFile } from './xen.js';
export { lastLines, plainText } from './console/text.js';
export { createXenSplitter, splitXenLine, type Voices } from './console/xen-lines.js';
export { formatCommand, shellQuote } from './format.js';
export { attachTerminal } from './terminal.js';
