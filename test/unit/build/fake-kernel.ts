import { mkdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testFolder } from '../../support/test-folder.js';

export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/**
 * A source tree whose Makefile answers what the lab asks of a kernel's, by
 * copying files. Options of the configuration make it misbehave: DOOMED does
 * not survive olddefconfig, BROKEN fails to compile, SLOW sleeps in a
 * grandchild whose pid is in `slow.pid` of the build folder, UNSTEADY links
 * other bytes the second time.
 */
const makefile = `VERSION = 6
PATCHLEVEL = 1
SUBLEVEL = 7
EXTRAVERSION =
boot := arch/x86/boot

tinyconfig:
	echo 'CONFIG_TINY=y' > $(O)/.config

olddefconfig:
	sed -i '/CONFIG_DOOMED=/d' $(O)/.config

bzImage:
	@echo '  CC      kernel/fork.o'
	@echo '  AS      arch/x86/entry/entry_64.o'
	@if grep -q BROKEN=y $(O)/.config; then \\
	  echo 'kernel/fork.c:12:3: error: expected ";"'; exit 1; fi
	@if grep -q SLOW=y $(O)/.config; then \\
	  sh -c 'echo $$$$ > $(O)/slow.pid; exec sleep 60' & wait; fi
	@mkdir -p $(O)/$(boot)/compressed $(O)/include $(O)/arch/x86/include/generated
	@mkdir -p $(O)/drivers/firmware/efi/libstub $(O)/kernel
	@ln -sfn $(CURDIR) $(O)/source
	@cp $(O)/.config $(O)/$(boot)/bzImage
	@echo "$$KBUILD_BUILD_TIMESTAMP $$LC_ALL $$SECRET" >> $(O)/$(boot)/bzImage
	@cp $(O)/.config $(O)/vmlinux
	@echo 'ffffffff81000000 T _text' > $(O)/System.map
	@echo object > $(O)/kernel/fork.o
	@echo list > $(O)/vmlinux.a
	@echo piggy > $(O)/$(boot)/compressed/piggy.o
	@cp $(O)/$(boot)/compressed/piggy.o $(O)/$(boot)/compressed/vmlinux
	@echo 'cmd_$(boot)/compressed/vmlinux := sort $(boot)/compressed/piggy.o -o $(boot)/compressed/vmlinux' \\
	  > $(O)/$(boot)/compressed/.vmlinux.cmd
	@echo 'cmd_vmlinux := sh scripts/link-vmlinux.sh "ld" "-m elf_x86_64" "--emit-relocs -X";  true' \\
	  > $(O)/.vmlinux.cmd
	@echo built >> builds
	@echo '  LD      vmlinux'

vmlinux:
	@if grep -q UNSTEADY=y $(O)/.config; then echo again >> $(O)/vmlinux; fi
	@echo "linked with $(LDFLAGS_vmlinux)" > $(O)/vmlinux.map
`;

const kconfig = `config DOOMED
	bool "An option that never survives"
	depends on TINY && MOON
`;

/** Makes the fake tree; its file \`builds\` gets a line for every build that ended. */
export async function fakeKernel(): Promise<string> {
  const tree = await testFolder();
  await writeFiles(tree, {
    Makefile: makefile,
    Kconfig: kconfig,
    'arch/x86/Makefile': '',
    'arch/x86/Kconfig': '',
  });
  return tree;
}

/** Whether a process runs; one that is dead and waits for its parent to notice does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
