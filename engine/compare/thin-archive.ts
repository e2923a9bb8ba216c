import { compareErrors } from '../errors/compare.js';

const magic = '!<thin>\n';

/**
 * Paths of the object files in a thin archive (`ar rcT`), in its order. A
 * kernel build leaves one, `vmlinux.a` (scripts/Makefile.vmlinux_o, since Linux
 * 6.1). Format: a magic, then headers of 60 bytes; the members `/` (symbols)
 * and `//` (long names, each ended by `/` and a newline) have contents, the
 * others are `/OFFSET` into the long names.
 * @param file for the error's place
 * @throws compare-objects-unreadable
 */
export function readThinArchive(bytes: Uint8Array, file: string): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const refuse = (why: string) => compareErrors.objectsUnreadable({ file, why });
  if (text.toString('latin1', 0, magic.length) !== magic) throw refuse('it is no thin archive');
  const paths: string[] = [];
  let names = '';
  for (let at = magic.length; at + 60 <= text.length;) {
    const name = text.toString('latin1', at, at + 16).trimEnd();
    const size = Number(text.toString('latin1', at + 48, at + 58).trim());
    at += 60;
    const hasContent = name === '/' || name === '//' || name === '/SYM64/';
    if (hasContent) {
      if (!Number.isSafeInteger(size) || size < 0 || at + size > text.length) {
        throw refuse(`its member ${name} reaches beyond its end`);
      }
      if (name === '//') names = text.toString('utf8', at, at + size);
      at += size + (size % 2);
    } else if (/^\/\d+$/.test(name)) {
      const from = Number(name.slice(1));
      const end = names.indexOf('/\n', from);
      if (end < 0) throw refuse(`a member's name at ${from} is not in its table of names`);
      paths.push(names.slice(from, end));
    } else {
      paths.push(name.replace(/\/$/, ''));
    }
  }
  return paths;
}
