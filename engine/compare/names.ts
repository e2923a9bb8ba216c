/**
 * Names that a compiler or a counter made up. What they add to a name changes
 * with code elsewhere in the file or the kernel, so that the same thing can be
 * called differently in two builds.
 */

/** `.isra.0`, `.constprop.0`, `.lto_priv.0`, `.llvm.123`, `.123`: GCC and Clang number their copies. */
const copies = /\.(?:isra|constprop|lto_priv|llvm|localalias)(?:\.\d+)?(?=\.|$)|\.\d+(?=\.|$)/g;

/** Counters of `__UNIQUE_ID` and its users (linux/compiler.h, linux/init.h: __initcall_id). */
const initcall = /^(__initcall__kmod_\w+?__)\d+_\d+_/;
const numberedAtEnd = ['__UNIQUE_ID_', '__addressable_'];

/**
 * The name under which a symbol is matched when its own is not found. A
 * function's `.part` and `.cold` pieces stay apart from the function itself,
 * but lose their number: `foo.isra.0.cold` -> `foo.cold`, `foo.part.0` -> `foo.part`.
 */
export function normalisedName(name: string): string {
  let plain = name.includes('.') && !name.startsWith('.') ? name.replace(copies, '') : name;
  if (plain.startsWith('__')) {
    plain = plain.replace(initcall, '$1');
    if (numberedAtEnd.some((prefix) => plain.startsWith(prefix))) plain = withoutNumber(plain);
  }
  return plain;
}

/** Cuts off the digits at the end: a pattern would try every digit as their first. */
function withoutNumber(name: string): string {
  let end = name.length;
  while (end > 0 && name.charCodeAt(end - 1) >= 0x30 && name.charCodeAt(end - 1) <= 0x39) end--;
  return name.slice(0, end);
}

/** The function that a piece was split off from: `foo` for `foo.part.0.cold`; null for a whole one. */
export function parentName(name: string): string | null {
  const piece = /^(.+?)\.(?:part|cold)(?:\.|$)/.exec(name);
  return piece?.[1] ?? null;
}

/** Labels of assembler and compiler (`.L12`, `.LC0`, `L0^A`) name no place that a person knows. */
export function isMadeUp(name: string): boolean {
  return name === '' || name.startsWith('.L') || name.startsWith('L0\u0001');
}
