import { z } from 'zod';
import { toDocument } from '../../report/json.js';
import { loadComparison } from '../../report/load-comparison.js';
import { comparisonDocument } from '../../report/schema.js';
import { terminalTable } from '../../report/text.js';
import { defineVerb } from '../verb.js';

export const compareVerb = defineVerb({
  name: 'compare',
  summary: "show an experiment's figures, each column against a baseline",
  examples: [
    ['kbl compare lab', 'against the first column'],
    ['kbl compare lab --baseline xen/bare --split', 'against another, split by privilege domain'],
  ],
  arguments: [{ syntax: '<experiment>', description: 'name or number', completion: 'experiment' }],
  options: [
    { flags: '--baseline <column>', description: 'label, label/environment, or index from 0' },
    { flags: '--split', description: 'show user, kernel and hypervisor parts' },
    { flags: '--memory', description: "show the kernels' own Memory: lines" },
  ],
  input: z.object({
    experiment: z.string(),
    baseline: z.string().optional(),
    split: z.boolean().default(false),
    memory: z.boolean().default(false),
  }),
  reply: comparisonDocument,
  document: toDocument,
  run: async (context, { experiment, baseline }) =>
    loadComparison(await context.workspace(), experiment, baseline),
  render: (comparison, { terminal }, { split, memory }) =>
    terminalTable(comparison, terminal.stdout, { split, memory }).trimEnd(),
});
