import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The workspace in which the tests build kernels, which take minutes, and keep
 * them: KBL_TEST_HOME, else a folder of the user's cache.
 */
export function testHome(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return process.env['KBL_TEST_HOME'] ?? join(cache, 'kernel-boot-lab', 'test');
}
