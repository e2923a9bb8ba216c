import type { Totals, Verdict } from '../../../engine/contract/app/merge.js';
import { count } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';
import { verdictWords } from './columns.js';

type SourceRow = Totals['sources']['rows'][number];

/** Functions by where they come from: a column a verdict, and what only one kernel has. */
export function sourceColumns(
  kind: 'folder' | 'file',
  verdicts: readonly Verdict[],
): Column<SourceRow>[] {
  const figure = (
    id: string,
    title: string,
    of: (row: SourceRow) => number,
  ): Column<SourceRow> => ({
    ...{ id, title, width: 'minmax(112px, 1fr)', number: true },
    text: (row) => count(of(row)),
    key: of,
  });
  return [
    {
      ...{ id: 'source', title: kind, width: 'minmax(140px, 1.6fr)', mono: true },
      text: ({ source }) => source ?? '(cannot be told)',
    },
    ...verdicts.map((verdict) =>
      figure(verdict, `${shortWords[verdict] ?? verdictWords[verdict]} (bytes)`, (row) => {
        const { bytesA, bytesB } = row.verdicts[verdict];
        return verdict === 'only-b' ? bytesB : bytesA;
      }),
    ),
    figure('changed', 'not shared (bytes)', notShared),
  ];
}

const shortWords: Partial<Record<Verdict, string>> = {
  identical: 'identical',
  addresses: 'addresses',
};

/** Bytes of both kernels that the other does not have. */
function notShared({ verdicts: totals }: SourceRow): number {
  const { differs } = totals;
  return differs.bytesA + differs.bytesB + totals['only-a'].bytesA + totals['only-b'].bytesB;
}
