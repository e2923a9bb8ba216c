import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { projectPath } from '../../engine/paths.js';

/** What boot code would do: its status, its choice, and the line it prints. */
export interface NativeAnswer {
  /** enum multi_status; 0 is MULTI_OK. */
  status: number;
  flavour: string;
  line: string;
}

const program = `
#include <stdio.h>
#include <stdlib.h>
#include "lines.h"
#include "recipe.h"

/* Rebuilding is not what is asked here. */
int recipe_apply(const u8 *recipe, u32 recipe_size, const u8 *base, u32 base_size,
		 u8 *out, u32 out_size, u8 *work, u32 work_size)
{
	return MULTI_RECIPE;
}

static char *read_part(u32 *size)
{
	char *part;

	if (fread(size, 4, 1, stdin) != 1)
		exit(0);
	/* Of the exact size, so that reading past its end is seen. */
	part = malloc(*size);
	if (fread(part, 1, *size, stdin) != *size)
		exit(1);
	return part;
}

int main(void)
{
	for (;;) {
		u32 size, line_size, signature_size, index;
		char *at = read_part(&size), *command_line = read_part(&line_size);
		char *signature = read_part(&signature_size);
		char line[MULTI_LINE_SIZE];
		struct multi_flavour flavour;
		enum multi_reason reason;
		struct multi multi;
		int status = multi_open(&multi, at, size);

		if (status) {
			multi_trouble_line(line, status);
			printf("%d  %s", status, line);
			continue;
		}
		index = multi_choose(&multi, command_line, signature_size ? (u8 *)signature : NULL, &reason);
		multi_choice_line(line, &multi, index, reason, command_line, (u8 *)signature);
		multi_flavour(&multi, index, &flavour);
		printf("0 %s %s", flavour.name, line);
	}
}
`;

/** Asks the C code that boots, compiled for this machine with its memory watched. */
export function nativeDirectory(): (
  cases: readonly { directory: Uint8Array; commandLine?: string; signature?: string }[],
) => NativeAnswer[] {
  const folder = mkdtempSync(join(tmpdir(), 'kbl-directory-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const multi = projectPath('engine', 'native', 'multi');
  const source = join(folder, 'directory-program.c');
  const executable = join(folder, 'directory-program');
  writeFileSync(source, program);
  const sources = ['directory.c', 'checksum.c', 'lines.c'].map((name) => join(multi, name));
  const flags = ['-O1', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror'];
  const watched = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-I', multi];
  execFileSync('gcc', [...flags, ...watched, '-o', executable, source, ...sources]);

  return (cases) => {
    const parts = cases.flatMap(({ directory, commandLine = '', signature = '' }) => [
      directory,
      Buffer.from(`${commandLine}\0`, 'latin1'),
      Buffer.from(signature && signature.padEnd(12, '\0'), 'latin1'),
    ]);
    const input = Buffer.concat(
      parts.flatMap((part) => {
        const size = Buffer.alloc(4);
        size.writeUInt32LE(part.length);
        return [size, part];
      }),
    );
    // It frees nothing, and ends.
    const env = { ASAN_OPTIONS: 'detect_leaks=0' };
    const output = execFileSync(executable, { input, env, encoding: 'latin1' });
    return output
      .trimEnd()
      .split('\n')
      .map((text) => {
        const [, status = '', flavour = '', line = ''] = /^(\d+) (\S*) (.*)$/.exec(text) ?? [];
        return { status: Number(status), flavour, line };
      });
  };
}
