import type { DoctorReport } from '../../../engine/contract.js';

type Check = DoctorReport['checks'][number];

/** What is not as it should be: what the lab cannot do without, and the rest. Pure. */
export function troubles(checks: readonly Check[]): { required: Check[]; optional: Check[] } {
  const wrong = checks.filter(({ status }) => status !== 'ok');
  return {
    required: wrong.filter(({ required }) => required),
    optional: wrong.filter(({ required }) => !required),
  };
}

/** One command a distribution that installs what these checks miss, and nothing else. Pure. */
export function installOf(checks: readonly Check[]): DoctorReport['install'] {
  const line = (distribution: keyof DoctorReport['install']): string | null =>
    joined(checks.flatMap(({ install }) => install?.[distribution] ?? []));
  return { debian: line('debian'), fedora: line('fedora'), arch: line('arch') };
}

/** Commands that begin alike as one: what they begin with, and every other word once. */
function joined(lines: readonly string[]): string | null {
  const commands = [...new Set(lines)].map((line) => line.split(' '));
  const [first, ...others] = commands;
  if (first === undefined) return null;
  const differs = first.findIndex((word, i) => others.some((other) => other[i] !== word));
  const begin = differs < 0 ? first : first.slice(0, differs);
  return [...begin, ...new Set(commands.flatMap((words) => words.slice(begin.length)))].join(' ');
}
