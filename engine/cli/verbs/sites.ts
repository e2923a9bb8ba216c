import { z } from 'zod';
import { defaultMachine, type EnvironmentName } from '../../boot/index.js';
import { sitesDocument } from '../../contract.js';
import { findImage, type FoundImage } from '../../images/find-image.js';
import { discoveryOf, openPatchKernel, requireUnpatched } from '../../images/patch-kernel.js';
import { notesOf, sitesDocumentOf, type SitesAnswer } from '../../images/sites-document.js';
import type { PatchKernel } from '../../patch/kernel.js';
import { functionText } from '../../patch/listing/function-text.js';
import { functionViews } from '../../patch/listing/function-view.js';
import { discoveryLines } from '../../patch/listing/discovery-text.js';
import { rowLines, totalLines } from '../../patch/listing/list-text.js';
import { siteRows, sitesCsv } from '../../patch/listing/report.js';
import { listSites, type SiteList } from '../../patch/listing/site-list.js';
import { observe } from '../../patch/observe/index.js';
import { familyNames, type Target } from '../../patch/types.js';
import { replaceFile } from '../../replace-file.js';
import { grouped, tidy } from '../../report/figures.js';
import type { Context } from '../context.js';
import { count, words } from '../inputs.js';
import { workspaceEmulator } from '../../experiment/emulator.js';
import { defineVerb } from '../verb.js';
import { targetNames, targets } from './patch.js';

interface Result extends SitesAnswer {
  found: FoundImage;
  list: SiteList;
}

export const sites = defineVerb({
  name: 'sites',
  summary: 'list every place that a kernel rewrites of itself at boot',
  examples: [
    ['kbl sites xen-6.1.192', 'how many there are of each family, and the first ones'],
    [
      'kbl sites xen-6.1.192 --for xen-pv --family paravirt --all',
      'what becomes of each under Xen',
    ],
    ['kbl sites xen-6.1.192 --for bare --function schedule', 'one function, side by side'],
    ['kbl sites /boot/vmlinuz-6.1.0-42-amd64 --csv sites.csv', "a distribution's kernel"],
    ['kbl sites xen-6.1.192 --discover', 'what relocations alone would find of paravirt sites'],
  ],
  arguments: [
    { syntax: '<image>', description: 'name, digest or file of a bzImage', completion: 'image' },
  ],
  options: [
    {
      flags: '--family <names>',
      description: `some of ${familyNames.join(',')}; all by default`,
      completion: familyNames,
    },
    { flags: '--function <name>', description: 'disassemble this function, side by side' },
    {
      flags: '--for <target>',
      description: `boot it once, and tell what becomes of sites: ${targetNames.join(' or ')}`,
      completion: targetNames,
    },
    {
      flags: '--cpu <model>',
      description: `QEMU's CPU model for --for; ${defaultMachine.cpu} by default`,
    },
    { flags: '--discover', description: 'compare paravirt sites with relocations against pv_ops' },
    {
      flags: '--vmlinux <file>',
      description: 'symbols for an image that is a file',
      completion: 'file',
    },
    { flags: '--csv <file>', description: 'write every row', completion: 'file' },
    { flags: '--limit <n>', description: 'rows of each list, 40 by default' },
    { flags: '--all', description: 'all rows' },
  ],
  input: z
    .object({
      image: z.string(),
      family: words(familyNames).optional(),
      function: z.string().optional(),
      for: z.enum(targetNames, { error: `expected one of ${targetNames.join(', ')}` }).optional(),
      cpu: z.string().optional(),
      discover: z.boolean().default(false),
      vmlinux: z.string().optional(),
      csv: z.string().optional(),
      limit: count.default(40),
      all: z.boolean().default(false),
    })
    .refine((input) => input.cpu === undefined || input.for !== undefined, {
      path: ['cpu'],
      message: 'expected with --for: without a target no processor counts',
    })
    .refine((input) => !input.discover || input.function === undefined, {
      path: ['discover'],
      message: 'expected alone: --function asks for another answer',
    }),
  reply: sitesDocument,
  async run(context, input): Promise<Result> {
    const workspace = await context.workspace();
    const found = await findImage(workspace, input.image);
    if (found.image) requireUnpatched(found.image);
    const { vmlinux } = input;
    const opened = await openPatchKernel(workspace, found, { ...context.job, vmlinux });
    const { kernel } = opened;
    const environment = input.for && targets[input.for];
    const target = environment && (await observed(context, found, kernel, environment, input.cpu));
    const list = listSites({ kernel, families: input.family, target }, context.job);
    const isList = input.function === undefined && !input.discover;
    return {
      ...{ found, list },
      rows: isList ? siteRows(list, input.all ? Infinity : input.limit) : [],
      functions: input.function === undefined ? null : functionViews(list, input.function),
      discovery: input.discover ? discoveryOf(opened) : null,
      files: await writeCsv(list, input.csv),
    };
  },
  document: ({ found, list, ...answer }) =>
    sitesDocumentOf(list, { file: found.file, name: found.image?.name ?? null }, answer),
  render: (result, context, { limit, all }) => sitesText(result, context, all ? Infinity : limit),
});

async function observed(
  context: Context,
  { file }: FoundImage,
  kernel: PatchKernel,
  environment: EnvironmentName,
  cpu: string = defaultMachine.cpu,
): Promise<Target> {
  const workspace = await context.workspace();
  const services = { workspace, emulator: workspaceEmulator(workspace) };
  const machine = { ...defaultMachine, cpu };
  return observe(services, { kernel, file, environment, machine }, context.job);
}

async function writeCsv(list: SiteList, file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  await replaceFile(file, sitesCsv(list));
  return [file];
}

/** Columns where the output is no terminal: what a mail or a wide window takes. */
const plainWidth = 160;

function sitesText(
  { list, rows, functions, discovery, files }: Result,
  { terminal, colours }: Context,
  limit: number,
): string {
  const { kernel } = list;
  const width = terminal.stdout.isTTY ? terminal.stdout.columns : plainWidth;
  const { bold } = colours;
  const target = list.target && `${list.target.environment}, ${list.target.cpu}`;
  const heading = [`${kernel.label}, Linux ${kernel.version ?? '(unknown version)'}`];
  if (target !== null) heading.push(`after boot on ${target}`);
  const left = list.length - rows.length;
  const parts = functions
    ? functions.map((view) => functionText(view, { width, target, bold }).split('\n'))
    : discovery
      ? [discoveryLines(discovery, { limit, bold })]
      : [
          totalLines(list.totals, bold),
          [
            ...rowLines(rows, { width, hasAfter: list.target !== null, bold }),
            ...(left > 0 ? [`... and ${grouped(left)} more (--all, --csv)`] : []),
          ],
        ];
  const notes = notesOf(list).map((note) => `Note: ${tidy(note)}`);
  const written = files.length === 0 ? [] : [['Written:', ...files.map((file) => `  ${file}`)]];
  return [[bold(tidy(heading.join(', '))), ...notes], ...parts, ...written]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
