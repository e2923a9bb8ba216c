import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A QEMU plugin that only writes its arguments, one a line, to the file its first names. */
export function argumentPlugin(folder: string): string {
  const source = join(folder, 'arguments.c');
  writeFileSync(
    source,
    `#include <stdio.h>
#include <string.h>
int qemu_plugin_version = 1;
int qemu_plugin_install(unsigned long id, const void *info, int argc, char **argv)
{
	FILE *out = fopen(strchr(argv[0], '=') + 1, "w");
	for (int i = 0; out && i < argc; i++)
		fprintf(out, "%s\\n", argv[i]);
	return out ? fclose(out) : 1;
}
`,
  );
  const library = join(folder, 'with a, comma.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-o', library, source]);
  return library;
}
