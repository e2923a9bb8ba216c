import { z } from 'zod';
import { toDocument } from '../../report/json.js';
import { comparisonDocument } from '../../report/schema.js';
import { perform, performedExitCode, performedText, type Performed } from '../perform.js';
import { defineVerb } from '../verb.js';

export const resume = defineVerb({
  name: 'resume',
  summary: 'go on with an experiment that was interrupted or had failures',
  examples: [['kbl resume lab', 'runs what is not done yet; finished runs are kept']],
  arguments: [{ syntax: '<experiment>', description: 'name or number', completion: 'experiment' }],
  input: z.object({ experiment: z.string() }),
  reply: comparisonDocument,
  document: ({ comparison }: Performed) => toDocument(comparison),
  async run(context, { experiment }) {
    const workspace = await context.workspace();
    const { id } = await workspace.database.experiments.find(experiment);
    return perform(context, id);
  },
  render: performedText,
  exitCode: performedExitCode,
});
