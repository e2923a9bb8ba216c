import { installLine, tools } from '../../engine/doctor/tools.mjs';
import { locate, onPath } from '../../engine/doctor/detect.mjs';
import { run, say, SetupError, timed } from './command.mjs';

/** @typedef {import('../../engine/doctor/tools.mjs').Tool} Tool */
/** @typedef {import('../../engine/doctor/tools.mjs').Purpose} Purpose */

/**
 * Makes sure that the tools for these purposes are there: installs what is
 * missing on Debian (and its children), explains what to install elsewhere.
 * @param {readonly Purpose[]} purposes
 * @param {readonly string[]} [spared]  ids of tools that this command can do without
 * @throws {SetupError} when something is missing and cannot be installed
 */
export function ensureTools(purposes, spared = []) {
  const wanted = tools.filter(
    (tool) =>
      tool.purposes.some((purpose) => purposes.includes(purpose)) && !spared.includes(tool.id),
  );
  const missing = wanted.filter((tool) => locate(tool) === undefined);
  if (missing.length === 0) return;

  const become = onPath('apt-get') === undefined ? undefined : rootPrefix();
  if (become === undefined) {
    // Compilers for npm packages are rarely needed; npm says so when they are.
    const isVital = missing.some(({ purposes: of }) =>
      of.some((one) => one !== 'install' && purposes.includes(one)),
    );
    if (!isVital) return;
    throw new SetupError(explainMissing(missing));
  }
  installOnDebian(missing, become);

  const still = missing.filter((tool) => locate(tool) === undefined);
  if (still.length > 0) throw new SetupError(explainMissing(still));
}

/** Words before a command that needs root, or undefined when root cannot be had. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (onPath('sudo') === undefined) return undefined;
  if (run('sudo', ['-n', 'true']).ok) return ['sudo', '-n'];
  return process.stdin.isTTY ? ['sudo'] : undefined;
}

/**
 * @param {readonly Tool[]} missing
 * @param {readonly string[]} become
 */
function installOnDebian(missing, become) {
  /** @param {string[]} argv */
  const aptGet = (...argv) => {
    // env(1), since sudo does not hand on variables.
    const words = [...become, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...argv];
    return run(words[0] ?? '', words.slice(1));
  };
  // Old lists would install an older kernel source, and so measure another kernel, without a word.
  timed('apt-get update', () => aptGet('-q', '-o', 'DPkg::Lock::Timeout=300', 'update'));
  const packages = choose(missing);
  say('set-up: these Debian packages are missing and will be installed:');
  for (const [name, reasons] of packages) say(`  ${name.padEnd(28)} ${reasons.join('; ')}`);
  const result = timed('apt-get install', () =>
    aptGet(
      ...['-q', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0'],
      ...['-o', 'DPkg::Lock::Timeout=300', 'install', ...packages.keys()],
    ),
  );
  if (!result.ok) throw new SetupError(`apt-get install failed:\n${result.said}`);
}

/** Names of the packages that apt can install now. */
function knownPackages() {
  return new Set(run('apt-cache', ['pkgnames']).stdout.split('\n'));
}

/**
 * One package a tool, the first choice that apt knows, with what needs it.
 * @param {readonly Tool[]} missing
 */
function choose(missing) {
  const known = knownPackages();
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const tool of missing) {
    const names = tool.packages.debian;
    const name = names.find((candidate) => known.has(candidate)) ?? names[0];
    if (name !== undefined) reasons.set(name, [...(reasons.get(name) ?? []), tool.neededBy]);
  }
  return reasons;
}

/** @param {readonly Tool[]} missing */
export function explainMissing(missing) {
  const lines = ['these tools are missing, and set-up cannot install them here:'];
  for (const tool of missing) lines.push(`  ${tool.id.padEnd(13)} ${tool.neededBy}`);
  lines.push('Install them with');
  for (const distribution of /** @type {const} */ (['debian', 'fedora', 'arch'])) {
    const line = installLine(missing, distribution);
    if (line !== undefined) lines.push(`  ${distribution.padEnd(13)} ${line}`);
  }
  for (const { id, elsewhere } of missing) {
    if (elsewhere !== undefined) lines.push(`  ${id.padEnd(13)} without a package: ${elsewhere}`);
  }
  return lines.join('\n');
}
