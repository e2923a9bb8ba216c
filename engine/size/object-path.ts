/**
 * The path of an object file as a linker names it: `vmlinux.a(init/main.o)` of a thin archive,
 * whose members keep their folders, `lib/lib.a(cmdline.o)` of a common one, whose members lie
 * where the archive does, or the path itself.
 */
export function objectPath(text: string): string {
  // What link-vmlinux.sh makes of scripts/kallsyms: its number is that of the pass.
  if (/^\.tmp_vmlinux\.kallsyms\d+\.o$/.test(text)) return '(kallsyms)';
  const [, archive, member] = /^(.+)\(([^()]+)\)$/.exec(text) ?? [];
  const path = archive === undefined || member === undefined ? text : memberPath(archive, member);
  return path.replace(/^\.\//, '');
}

function memberPath(archive: string, member: string): string {
  const folder = archive.slice(0, archive.lastIndexOf('/') + 1);
  return member.includes('/') ? member : folder + member;
}

/** A file of objects that were linked before: what is of which is no longer told by the linker. */
export function isPrelinked(path: string): boolean {
  return path === 'vmlinux.o';
}
