import { z } from 'zod';
import { sizeDocument } from '../../contract.js';
import { findImage, type FoundImage } from '../../images/find-image.js';
import { sizeOfImage } from '../../images/size-image.js';
import { addressText } from '../../kernel/address.js';
import { grouped, tidy } from '../../report/figures.js';
import type { KernelSize } from '../../size/kernel-size.js';
import { rollUp, totalsOf, usualGrouping, type SizeRow } from '../../size/roll-up.js';
import { sizeClasses, sizeGroupings, type SizeGrouping } from '../../size/types.js';
import type { Context } from '../context.js';
import { count } from '../inputs.js';
import { byteCount, table } from '../text.js';
import { defineVerb } from '../verb.js';

interface Result {
  found: FoundImage;
  size: KernelSize;
  by: SizeGrouping;
  rows: SizeRow[];
  rowsLeft: number;
}

export const size = defineVerb({
  name: 'size',
  summary: "tell what a kernel's size is made of: by subsystem, object file, function, section",
  examples: [
    ['kbl size native-6.1.192', 'by folder of the source tree'],
    ['kbl size native-6.1.192 --by function --limit 50', 'the largest functions and objects'],
    [
      'kbl size ~/linux/vmlinux --by object',
      "a build of one's own, with the vmlinux.map beside it",
    ],
    ['kbl size debian --vmlinux /usr/lib/debug/boot/vmlinux-6.1.0-42-amd64', 'with its symbols'],
  ],
  arguments: [
    {
      syntax: '<image>',
      description: 'name, beginning of the digest, or a file (bzImage or vmlinux)',
      completion: 'image',
    },
  ],
  options: [
    {
      flags: '--by <what>',
      description: `one of ${sizeGroupings.join(', ')}; the finest that is known, but function, by default`,
      completion: sizeGroupings,
    },
    {
      flags: '--vmlinux <file>',
      description: 'the vmlinux that the image was made of, for an image from elsewhere',
      completion: 'file',
    },
    {
      flags: '--map <file>',
      description: 'link map of GNU ld; vmlinux.map beside the vmlinux by default',
      completion: 'file',
    },
    { flags: '--limit <n>', description: 'rows, 30 by default' },
    { flags: '--all', description: 'all rows' },
  ],
  input: z.object({
    image: z.string(),
    by: z.enum(sizeGroupings, { error: `expected one of ${sizeGroupings.join(', ')}` }).optional(),
    vmlinux: z.string().optional(),
    map: z.string().optional(),
    limit: count.default(30),
    all: z.boolean().default(false),
  }),
  reply: sizeDocument,
  async run(context, { image, vmlinux, map: linkMap, ...input }): Promise<Result> {
    const workspace = await context.workspace();
    const found = await findImage(workspace, image);
    const size = await sizeOfImage(workspace, { image: found, vmlinux, linkMap }, context.job);
    const by = input.by ?? usualGrouping(size);
    const all = rollUp(size, by);
    const rows = input.all ? all : all.slice(0, input.limit);
    return { found, size, by, rows, rowsLeft: all.length - rows.length };
  },
  document: ({ found, size, by, rows, rowsLeft }) => {
    const { attribution, hasFolders, namesFrom, memory, notes, sections } = size;
    return {
      schema: 'kbl-size' as const,
      version: 1 as const,
      image: { file: found.file, name: found.image?.name ?? null },
      ...{ attribution, hasFolders, namesFrom, memory, notes },
      totals: totalsOf(size),
      sections: sections.map(({ name, start, size: bytes, class: kind }) => ({
        ...{ name, address: `0x${addressText(start)}`, size: bytes, class: kind },
      })),
      ...{ by, rows, rowsLeft },
    };
  },
  render: (result, context) => sizeText(result, context),
});

const fromWords = {
  'link-map': 'by the link map',
  'file-symbols': 'by file symbols',
  nothing: 'not told: see the notes',
} as const;

const namedWords = {
  symbols: 'in functions and objects',
  kallsyms: 'from one name to the next: padding, and what has no name, among it',
  nothing: 'in functions and objects: no names are known',
} as const;

function sizeText({ size, by, rows, rowsLeft }: Result, { colours }: Context): string {
  const { label, sections, memory, attribution, namesFrom, notes } = size;
  const totals = totalsOf(size);
  const share = (bytes: number): string => `${((100 * bytes) / (totals.total || 1)).toFixed(1)}%`;
  const part = (bytes: number, what: string): string[] => [grouped(bytes), share(bytes), what];
  const facts = table(
    [
      part(totals.named, namedWords[namesFrom]),
      part(totals.unnamed, 'without a symbol: tables, strings, assembly'),
      part(totals.padding, 'padding'),
      part(totals.attributed, `of a known object file, ${fromWords[attribution]}`),
    ],
    [0, 1],
  );
  const hasObjects = rows.some(({ object }) => object !== null);
  const heading = [...sizeClasses, 'total', '', by].map((word) => word.toUpperCase());
  const cells = rows.map((row) => [
    ...sizeClasses.map((one) => grouped(row[one])),
    grouped(row.total),
    share(row.total),
    row.name,
    ...(hasObjects ? [row.object ?? ''] : []),
  ]);
  const between = `${byteCount(memory.betweenSections)} more of memory lie between them`;
  return [
    `${colours.bold(tidy(label))}, ${byteCount(totals.total)} in ${sections.length} sections; ${between}`,
    ...notes.map((note) => `Note: ${tidy(note)}`),
    '',
    facts,
    '',
    table([[...heading, ...(hasObjects ? ['OBJECT FILE'] : [])], ...cells], [0, 1, 2, 3, 4, 5]),
    ...(rowsLeft > 0 ? [`... and ${grouped(rowsLeft)} more (--all)`] : []),
  ].join('\n');
}
