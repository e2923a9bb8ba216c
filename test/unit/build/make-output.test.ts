import { describe, expect, it } from 'vitest';
import { createMakeReader, hintForFailure } from '../../../engine/build/make-output.js';

function read(...lines: string[]): ReturnType<typeof createMakeReader> {
  const reader = createMakeReader();
  lines.forEach((line) => reader.line(line));
  return reader;
}

describe('createMakeReader', () => {
  it('counts what is compiled, archived and linked, and nothing else', () => {
    const reader = read(
      '  CC      kernel/fork.o',
      '  CC [M]  fs/ext4/ext4.o',
      '  AS      arch/x86/entry/entry_64.o',
      '  AR      kernel/built-in.a',
      '  LD      vmlinux',
      '  HOSTCC  scripts/kallsyms',
      '  GEN     Makefile',
      '  CALL    scripts/checksyscalls.sh',
      'CC is a compiler',
      "make[1]: Entering directory '/tmp'",
    );
    expect(reader.steps).toBe(6);
  });

  it('shows the first errors, not the lines that follow from them', () => {
    const reader = read(
      'kernel/fork.c:1:2: warning: unused variable',
      "kernel/fork.c:12:3: error: expected ';' before 'return'",
      "ld: kernel/fork.o: undefined reference to `nowhere'",
      'make[2]: *** [scripts/Makefile.build:250: kernel/fork.o] Error 1',
    );
    expect(reader.failure()).toEqual([
      "kernel/fork.c:12:3: error: expected ';' before 'return'",
      "ld: kernel/fork.o: undefined reference to `nowhere'",
    ]);
  });

  it("falls back to make's last words", () => {
    const gaveUp = 'make[1]: *** [Makefile:1497: tools/objtool] Error 2';
    expect(read('something', gaveUp).failure()).toEqual([gaveUp]);
    expect(read('something').failure()).toEqual(['make ended without saying why']);
  });
});

describe('hintForFailure', () => {
  it('knows the headers that are most often missing, and a full disk', () => {
    expect(
      hintForFailure(['elf.h:9:10: fatal error: gelf.h: No such file or directory']),
    ).toContain('libelf-dev');
    expect(hintForFailure(['cc1: error: x.o: No space left on device'])).toContain('space');
    expect(hintForFailure(['a.c:1:1: error: nonsense'])).toBeUndefined();
  });
});
