import type { compareMethods } from '../../../engine/contract/app/compare.js';
import { replaceFile } from '../../../engine/replace-file.js';
import { exported, exportName } from '../../../engine/report/export.js';
import { toDocument } from '../../../engine/report/json.js';
import { loadComparison } from '../../../engine/report/load-comparison.js';
import { toMarkdown } from '../../../engine/report/markdown.js';
import { provenance } from '../../../engine/report/words.js';
import type { Comparison } from '../../../engine/report/types.js';
import type { HostContext } from '../context.js';
import type { Handlers } from '../handler.js';

export const compareHandlers: Handlers<keyof typeof compareMethods> = {
  'compare.get': async (context, which) => {
    const comparison = await load(context, which);
    return {
      comparison: toDocument(comparison),
      provenance: provenance(comparison),
      fileName: exportName(comparison.experiment.name),
    };
  },
  'compare.markdown': async (context, which) => ({
    text: toMarkdown(await load(context, which)),
  }),
  'compare.export': async (context, { format, file: token, ...which }) => {
    const file = context.grants.toWrite(token);
    await replaceFile(file, await exported(await load(context, which), format));
    return {};
  },
  'compare.chart': async (context, { file, bytes }) => {
    await replaceFile(context.grants.toWrite(file), bytes);
    return {};
  },
};

async function load(
  context: HostContext,
  { experiment, baseline }: { experiment: number; baseline: number },
): Promise<Comparison> {
  const workspace = await context.workspace();
  // By its number even where another experiment has it as its name.
  const record = await workspace.database.experiments.byId(experiment);
  return loadComparison(workspace, record?.name ?? String(experiment), baseline);
}
