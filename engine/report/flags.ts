import type { Column, Flag, Row } from './types.js';

/**
 * Collects what a reader must know before trusting a column: one sentence a
 * trouble and column, not one a workload.
 * @param repeat boots of every cell that the plan asks for
 */
export function flagsOf(columns: readonly Column[], rows: readonly Row[], repeat: number): Flag[] {
  return columns.flatMap((column) => [
    ...disagreements(column, rows),
    ...differences(column),
    ...shortfall(column, repeat),
  ]);
}

function disagreements(column: Column, rows: readonly Row[]): Flag[] {
  const namesOf = (test: (row: Row) => boolean): string[] =>
    rows.filter(test).map((row) => row.name);
  const done = column.runs.filter((run) => run.state === 'done');
  const runs = numbered(done.map((run) => run.id));
  const lines = new Set(done.map((run) => run.memoryLine));
  const figures = [
    ...namesOf((row) => row.cells[column.index]?.state === 'disagrees'),
    ...(lines.size > 1 ? ['Memory: line'] : []),
  ].join(', ');
  const spreads = namesOf((row) => {
    const cell = row.cells[column.index];
    return cell?.state === 'measured' && cell.spreadDiffers;
  }).join(', ');
  const flags: Flag[] = [];
  if (figures !== '') {
    const message = `${runs} must count the same and do not: ${figures}`;
    flags.push({ kind: 'disagreement', column: column.index, message });
  }
  if (spreads !== '') {
    const message = `${runs} agree on the figures but not on every iteration: ${spreads}`;
    flags.push({ kind: 'spread', column: column.index, message });
  }
  return flags;
}

function differences(column: Column): Flag[] {
  return column.runs
    .filter((run) => run.differsFrom.length > 0)
    .map((run) => ({
      kind: 'differs-from-earlier',
      column: column.index,
      message: `run ${run.id} counts differently from ${numbered(run.differsFrom)} of the same inputs`,
    }));
}

/** Runs that did not finish (unless a later one of the same repetition did), and runs not made. */
function shortfall(column: Column, repeat: number): Flag[] {
  const done = new Set(
    column.runs.filter((run) => run.state === 'done').map((run) => run.repetition),
  );
  const failed = column.runs.filter(
    (run) => (run.state === 'failed' || run.state === 'interrupted') && !done.has(run.repetition),
  );
  const byMessage = new Map<string, number[]>();
  for (const run of failed) {
    const message = [run.outcome ?? run.state, run.evidence ?? '']
      .filter((fact) => fact !== '')
      .join(': ');
    byMessage.set(message, [...(byMessage.get(message) ?? []), run.id]);
  }
  const flags: Flag[] = [...byMessage].map(([message, ids]) => ({
    kind: 'failed',
    column: column.index,
    message: `${numbered(ids)}: ${message}`,
  }));
  if (done.size > 0 && done.size < repeat) {
    const message = `${done.size} of ${repeat} runs finished`;
    flags.push({ kind: 'incomplete', column: column.index, message });
  }
  return flags;
}

function numbered(ids: readonly number[]): string {
  return `${ids.length === 1 ? 'run' : 'runs'} ${ids.join(', ')}`;
}
