import { join, resolve } from 'node:path';
import { z } from 'zod';
import { exportDocument } from '../../contract.js';
import { replaceFile } from '../../replace-file.js';
import { exported, exportFormats, exportName, makeExportFolder } from '../../report/export.js';
import { loadComparison } from '../../report/load-comparison.js';
import { words } from '../inputs.js';
import { defineVerb } from '../verb.js';

export const exportVerb = defineVerb({
  name: 'export',
  summary: "write an experiment's comparison as CSV, XLSX, ODS, JSON and Markdown",
  examples: [
    ['kbl export lab -o reports', 'all five files'],
    ['kbl export lab -o reports --format csv,md --baseline xen/bare', 'two of them'],
  ],
  arguments: [{ syntax: '<experiment>', description: 'name or number', completion: 'experiment' }],
  options: [
    {
      flags: '-o, --output <folder>',
      description: 'where to write; made when missing, the current folder by default',
      completion: 'folder',
    },
    {
      flags: '--format <formats>',
      description: `some of ${exportFormats.join(',')}; all by default`,
      completion: exportFormats,
    },
    { flags: '--baseline <column>', description: 'label, label/environment, or index from 0' },
  ],
  input: z.object({
    experiment: z.string(),
    output: z.string().default('.'),
    format: words(exportFormats).default([...exportFormats]),
    baseline: z.string().optional(),
  }),
  reply: exportDocument,
  async run(context, { experiment, output, format, baseline }) {
    const comparison = await loadComparison(await context.workspace(), experiment, baseline);
    const { name } = comparison.experiment;
    const folder = resolve(output);
    await makeExportFolder(folder);
    const files: string[] = [];
    for (const one of format) {
      const file = join(folder, `${exportName(name)}.${one}`);
      await replaceFile(file, await exported(comparison, one));
      files.push(file);
    }
    return { schema: 'kbl-export' as const, version: 1 as const, experiment: name, files };
  },
  document: (reply) => reply,
  render: ({ files }) => files.join('\n'),
});
