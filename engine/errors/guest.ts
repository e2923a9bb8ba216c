import { defineError } from './lab-error.js';

/** Errors of putting the guest's initramfs together. */
export const guestErrors = {
  pathInvalid: defineError<{ path: string }>(
    'guest-path-invalid',
    'input',
    'a file for the initramfs has a path that no archive should hold',
    ({ path }) => ({
      message: `${JSON.stringify(path)} cannot be a path in an initramfs`,
      hint: 'use a relative path without ".." and NUL',
    }),
  ),
  busyboxMissing: defineError<{ tried: string[] }>(
    'busybox-missing',
    'environment',
    'no statically linked busybox was found for the guest',
    ({ tried }) => ({
      message: `no static busybox (tried ${tried.join(', ')})`,
      hint: 'install it (Debian: apt-get install busybox-static; Fedora: dnf install busybox; Arch: pacman -S busybox), or set KBL_BUSYBOX to one',
    }),
  ),
};
