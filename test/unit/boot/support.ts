import { readFileSync } from 'node:fs';
import type { QemuCapabilities } from '../../../engine/boot/qemu/probe.js';
import { defaultMachine, type BootRequest } from '../../../engine/boot/types.js';

export const qemu: QemuCapabilities = {
  program: '/usr/bin/qemu-system-x86_64',
  version: 'QEMU emulator version 7.2.22 (Debian 1:7.2)',
  major: 7,
  plugins: true,
  sandbox: true,
  machines: ['pc-i440fx-7.2', 'pc', 'pc-q35-7.2', 'q35'],
};

export function request(changes: Partial<BootRequest> = {}): BootRequest {
  return {
    environment: 'bare',
    kernel: '/images/native, first/bzImage',
    initrd: '/images/initrd',
    machine: defaultMachine,
    console: 'batch',
    folder: '/runs/1',
    ...changes,
  };
}

/** The end of a console that a real guest wrote. */
export function realConsole(name: string): Uint8Array {
  return readFileSync(new URL(`consoles/${name}.txt`, import.meta.url));
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (from: Uint8Array): string => new TextDecoder().decode(from);
