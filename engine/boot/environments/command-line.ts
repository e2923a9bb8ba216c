import { bootErrors } from '../../errors/boot.js';

/** COMMAND_LINE_SIZE of x86 (arch/x86/include/asm/setup.h), with its terminating NUL. */
const linuxLimit = 2048;
/** Size of Xen's own buffer (xen/common/kernel.c: saved_cmdline), with its terminating NUL. */
const xenLimit = 1024;

/**
 * Words that every guest kernel gets. `panic=-1` resets at once, so that a
 * panic ends the run; `nokaslr norandmaps` keep addresses, and with them
 * counts, the same from boot to boot.
 */
export const commonWords = 'panic=-1 nokaslr norandmaps';

/** Joins words with single spaces. @throws boot-request-invalid */
export function linuxCommandLine(...words: (string | undefined)[]): string {
  return commandLine('the kernel command line', linuxLimit, words);
}

/** Joins words with single spaces. @throws boot-request-invalid */
export function xenCommandLine(...words: (string | undefined)[]): string {
  return commandLine("Xen's command line", xenLimit, words);
}

function commandLine(what: string, limit: number, words: (string | undefined)[]): string {
  const line = words
    .map((word) => word?.trim())
    .filter((word) => word)
    .join(' ');

  if (/[\0\n\r]/.test(line)) {
    throw bootErrors.requestInvalid({
      what: `${what} contains a NUL or a line break`,
      hint: 'give the words on one line',
    });
  }
  const size = Buffer.byteLength(line) + 1;
  if (size > limit) {
    throw bootErrors.requestInvalid({
      what: `${what} has ${size} bytes; the boot protocol cuts it off at ${limit}`,
      hint: 'append fewer words',
    });
  }
  return line;
}

/** QEMU's option syntax separates with commas; a comma that is meant is written twice. */
export function doubleCommas(text: string): string {
  return text.replaceAll(',', ',,');
}
