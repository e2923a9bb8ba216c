import { measurement, standard } from './fixture.js';

/** The standard experiment with everything that can be wrong with one. */
export function troubled(): ReturnType<typeof standard> {
  const input = standard();
  input.experiment.plan.cells[2]!.label = 'vmlinuz-6.1.0-37-amd64-雲-cloud';
  input.runs = input.runs.filter((run) => run.cell !== 3);
  for (const run of input.runs.filter(({ cell }) => cell === 4)) {
    run.state = 'failed';
    run.outcome = 'kernel-panic';
    run.evidence = 'Kernel panic - not syncing: \x1b[31mVFS: Unable to mount root fs';
  }
  input.runs[1]!.differsFrom = [71];
  input.measurements = input.measurements.map((each) => {
    if (each.workload === 'null' && each.runId <= 3)
      return measurement(each.runId, 'null', [0, 0, 0]);
    if (each.workload === 'read' && each.runId === 5) return measurement(5, 'read', [12, 420, 0]);
    if (each.workload === 'pipe' && each.runId === 8) return { ...each, maximum: 20_000 };
    return each;
  });
  return input;
}

/** Labels that try to be something else. */
export const hostileLabels = [
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-1',
  '@SUM(A1)',
  '\t=1+1',
  '\r=1+1',
  '\0=1+1',
  ' =1+1',
  '＝1+1',
  '#REF!',
  'two\nlines',
  'comma, "quote"; semicolon',
  '<b>&amp;</b>]]>',
  '| pipe | `tick` \\',
  '\x1b[2J\x1b]0;title\x07',
  '\u202egnp.exe',
  'lone \ud800 surrogate \uffff',
  '漢字かな交じり文',
  'x'.repeat(40_000),
  '',
];
