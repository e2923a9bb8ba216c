/**
 * Boots a guest in a process of its own, for tests that end that process:
 * `program HOW FOLDER KERNEL INITRD`, where HOW is `batch`, `throw` or
 * `terminal`. Prints the emulator's process id first.
 */
import { attachTerminal, createQemu, defaultMachine } from '../../engine/boot/index.js';

const [how, folder, kernel, initrd] = process.argv.slice(2) as [string, string, string, string];

const guest = await createQemu({ cacheFolder: folder }).start({
  environment: 'bare',
  kernel,
  initrd,
  machine: defaultMachine,
  console: how === 'terminal' ? 'interactive' : 'batch',
  folder,
});
console.log(guest.pid);
if (how === 'throw') {
  setTimeout(() => {
    throw new Error('a bug of the lab');
  }, 500);
}
const result = await (how === 'terminal'
  ? attachTerminal(guest, process.stdin, process.stdout)
  : guest.done);
console.log(`outcome: ${result.outcome}`);
