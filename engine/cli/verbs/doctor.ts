import { z } from 'zod';
import { doctorDocument, type DoctorCheck } from '../../contract.js';
import { judge } from '../../doctor/checks.js';
import { gatherFacts } from '../../doctor/facts.js';
import { exitCodes } from '../../errors/index.js';
import type { Colours } from '../colours.js';
import { defineVerb } from '../verb.js';

const distributions = ['debian', 'fedora', 'arch'] as const;

export const doctor = defineVerb({
  name: 'doctor',
  summary: 'check what this machine has of what the lab needs, and how to get the rest',
  examples: [['kbl doctor', 'exit code 4 when something required is missing']],
  input: z.object({}),
  reply: doctorDocument,
  run: async ({ home }) => ({
    schema: 'kbl-doctor' as const,
    version: 1 as const,
    ...judge(await gatherFacts(home)),
  }),
  document: (reply) => reply,
  render({ ok, system, checks, install }, { colours }) {
    const lines = [`${system.name}, ${system.cpus} processors`, ''];
    lines.push(...checks.flatMap((check) => checkLines(check, colours)));
    const commands = distributions.filter((name) => install[name] !== null);
    if (commands.length > 0) {
      lines.push('', 'What is missing is installed by');
      lines.push(...commands.map((name) => `  ${name.padEnd(7)} ${install[name] ?? ''}`));
    }
    lines.push(
      '',
      ok
        ? colours.green('Everything required is there.')
        : colours.red('Something required is missing.'),
    );
    return lines.join('\n');
  },
  exitCode: ({ ok }) => (ok ? 0 : exitCodes.environment),
});

function checkLines(check: DoctorCheck, colours: Colours): string[] {
  const { id, status, found, path, chosenBy, neededBy, advice, required, install } = check;
  const name = id.padEnd(14);
  if (status === 'ok') {
    const by = [chosenBy, found === path ? null : path].filter((word) => word !== null).join(': ');
    const chosen = chosenBy === null ? '' : ` (${by})`;
    return [`${colours.green('ok     ')}  ${name} ${found ?? ''}${chosen}`];
  }
  const word =
    status === 'missing' && required ? colours.red('missing') : colours.yellow('warning');
  const commands = distributions.flatMap((distribution) => {
    const command = install?.[distribution] ?? null;
    return command === null ? [] : [`${' '.repeat(9)}${distribution.padEnd(7)} ${command}`];
  });
  return [
    `${word}  ${name} ${found ?? `not found; it ${neededBy}`}`,
    ...(advice === null ? [] : [`${' '.repeat(9)}${advice}`]),
    ...commands,
  ];
}
