import { join } from 'node:path';
import type { Sha256 } from '../units.js';
import { sha256OfFile } from './digest.js';
import { buildEnvironment, makeArguments } from './environment.js';
import { runTool } from './process.js';
import { recordedCommand } from './relink.js';

/** A build folder in which make has just built vmlinux. */
export interface BuiltVmlinux {
  tree: string;
  output: string;
  /** Digest of the vmlinux there. */
  vmlinux: Sha256;
}

/** Name of the map, as CONFIG_VMLINUX_MAP=y has it. */
const name = 'vmlinux.map';

/**
 * Has kbuild link vmlinux once more, with `ld -Map`, and returns the map's place in the build folder: it tells which
 * object file each byte is of. CONFIG_VMLINUX_MAP=y would do so at once, but is an option that the
 * flavour did not ask for; it would be in the configuration, and the build another one. A link takes
 * seconds, and must give the same bytes again: else, or where kbuild links in another way than is
 * known here, there is no map.
 * @throws cancelled
 */
export async function makeLinkMap(
  { tree, output, vmlinux }: BuiltVmlinux,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const flags = linkFlags(await recordedCommand(output, 'vmlinux'));
  if (flags === undefined) return undefined;
  const status = await runTool({
    what: 'linking vmlinux with a map',
    program: 'make',
    // What the command line sets, no makefile adds to: all flags are to be given.
    argv: [...makeArguments(tree, output, 'vmlinux'), `LDFLAGS_vmlinux=${flags} -Map=${name}`],
    environment: buildEnvironment(),
    signal,
  });
  if (status !== 0) return undefined;
  const same = (await sha256OfFile(join(output, 'vmlinux'), signal)) === vmlinux;
  return same ? name : undefined;
}

/** The third word of `scripts/link-vmlinux.sh "ld" "-m elf_x86_64" "--emit-relocs ..."; true`. */
function linkFlags(command: string | undefined): string | undefined {
  return /link-vmlinux\.sh "[^"]*" "[^"]*" "([^"]*)"/.exec(command ?? '')?.[1];
}
