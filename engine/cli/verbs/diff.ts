import { z } from 'zod';
import { findVmlinux, openVmlinux, readArchive } from '../../compare/find-vmlinux.js';
import type { ComparedKernel, KernelComparison } from '../../compare/index.js';
import type { DiffReport, SideBySideReport } from '../../compare/report.js';
import { diffDocument } from '../../contract.js';
import { LabError } from '../../errors/index.js';
import { replaceFile } from '../../replace-file.js';
import type { FileSource } from '../../elf/index.js';
import type { Context } from '../context.js';
import { count } from '../inputs.js';
import { defineVerb } from '../verb.js';

/** Loaded on demand: most commands need none of it. */
const compareRoom = async () => ({
  ...(await import('../../compare/index.js')),
  ...(await import('../../compare/report.js')),
});
type CompareRoom = Awaited<ReturnType<typeof compareRoom>>;

interface Opened extends ComparedKernel {
  source: FileSource;
  file: string;
}

type Side = Pick<Opened, 'label' | 'file'>;

interface DiffResult {
  a: Side;
  b: Side;
  comparison: DiffReport | null;
  disassembly: SideBySideReport[] | null;
  bloatOMeter: string | null;
  files: string[];
  text: string;
}

export const diff = defineVerb({
  name: 'diff',
  summary: 'compare two kernels function by function: what truly differs, and why',
  examples: [
    ['kbl diff native-6.1.192 xen-6.1.192', 'two kernels that the lab built'],
    ['kbl diff ./old/vmlinux ./new/vmlinux --xlsx diff.xlsx', 'two files, every row in a workbook'],
    ['kbl diff ./a/vmlinux ./b/vmlinux --function schedule', 'one function, side by side'],
    ['kbl diff ./a/vmlinux ./b/vmlinux --bloat-o-meter all', 'the text for a patch mail'],
  ],
  arguments: [
    {
      syntax: '<a>',
      description: 'name or beginning of the digest of a built image, or path of a vmlinux',
      completion: 'image',
    },
    { syntax: '<b>', description: 'the same for the other kernel', completion: 'image' },
  ],
  options: [
    { flags: '--function <name>', description: 'disassemble this function of both, side by side' },
    {
      flags: '--bloat-o-meter <mode>',
      description: "what the kernel's scripts/bloat-o-meter prints: all, categories, data, text",
      completion: ['all', 'categories', 'data', 'text'],
    },
    { flags: '--csv <file>', description: 'write every function and object', completion: 'file' },
    { flags: '--xlsx <file>', description: 'write the same as a workbook', completion: 'file' },
    { flags: '--limit <n>', description: 'rows of each list in the text, 20 by default' },
    { flags: '--all', description: 'in JSON, list also what is the same' },
  ],
  input: z
    .object({
      a: z.string(),
      b: z.string(),
      function: z.string().optional(),
      bloatOMeter: z.enum(['all', 'categories', 'data', 'text']).optional(),
      csv: z.string().optional(),
      xlsx: z.string().optional(),
      limit: count.default(20),
      all: z.boolean().default(false),
    })
    .refine((input) => input.function === undefined || input.bloatOMeter === undefined, {
      path: ['bloatOMeter'],
      message: 'expected alone: --function asks for another answer',
    })
    .refine(({ csv, function: name, bloatOMeter }) => !csv || (!name && !bloatOMeter), {
      path: ['csv'],
      message: 'expected without --function and --bloat-o-meter: the file holds the comparison',
    })
    .refine(({ xlsx, function: name, bloatOMeter }) => !xlsx || (!name && !bloatOMeter), {
      path: ['xlsx'],
      message: 'expected without --function and --bloat-o-meter: the file holds the comparison',
    }),
  reply: diffDocument,
  async run(context, input): Promise<DiffResult> {
    const room = await compareRoom();
    const opened: Opened[] = [];
    try {
      for (const reference of [input.a, input.b]) {
        opened.push(await openKernel(context, room, reference));
      }
      const [a, b] = opened as [Opened, Opened];
      const result: DiffResult = {
        a: { label: a.label, file: a.file },
        b: { label: b.label, file: b.file },
        ...{ comparison: null, disassembly: null, bloatOMeter: null, files: [], text: '' },
      };
      if (input.bloatOMeter !== undefined) {
        const bloatOMeter = room.bloatOMeter(a, b, input.bloatOMeter);
        return { ...result, bloatOMeter, text: bloatOMeter };
      }
      const comparison = await room.compareKernels(a, b, context.job);
      if (input.function !== undefined) {
        return { ...result, ...disassembled(context, room, comparison, input.function) };
      }
      const bold = context.colours.bold;
      return {
        ...result,
        comparison: room.diffReport(comparison, input.all),
        files: await writeFiles(room, comparison, input),
        text: room.diffSummary(comparison, { limit: input.limit, bold }),
      };
    } finally {
      for (const { source } of opened) source.close();
    }
  },
  document: ({ a, b, comparison, disassembly, bloatOMeter, files }) => ({
    schema: 'kbl-diff' as const,
    version: 1 as const,
    ...{ a, b, comparison, disassembly, bloatOMeter, files },
  }),
  render: ({ text, files }) =>
    files.length === 0
      ? text.trimEnd()
      : `${text}\n\nWritten:\n${files.map((f) => `  ${f}`).join('\n')}`,
});

async function openKernel(context: Context, room: CompareRoom, reference: string): Promise<Opened> {
  const found = await findVmlinux(reference, () => context.workspace());
  const source = openVmlinux(found);
  const { file, label } = found;
  const archive = await readArchive(found);
  if (!archive) return { source, file, label };
  try {
    return { source, file, label, objects: room.readThinArchive(archive, found.archive) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    context.note(`${found.archive}: ${error.message}; sources are named by file instead`);
    return { source, file, label };
  }
}

function disassembled(
  { colours, terminal }: Context,
  room: CompareRoom,
  comparison: KernelComparison,
  name: string,
): Pick<DiffResult, 'disassembly' | 'text'> {
  const shown = room
    .functionsNamed(comparison, name)
    .map((index) => room.sideBySide(comparison, index));
  const options = {
    labelA: comparison.a.image.label,
    labelB: comparison.b.image.label,
    width: terminal.stdout.isTTY ? terminal.stdout.columns : undefined,
    paint: colours.yellow,
  };
  return {
    disassembly: shown.map(room.sideBySideReport),
    text: shown.map((one) => room.sideBySideText(one, options)).join('\n\n'),
  };
}

async function writeFiles(
  room: CompareRoom,
  comparison: KernelComparison,
  { csv, xlsx }: { csv?: string | undefined; xlsx?: string | undefined },
): Promise<string[]> {
  if (csv !== undefined) await replaceFile(csv, room.diffCsv(comparison));
  if (xlsx !== undefined) await replaceFile(xlsx, await room.diffXlsx(comparison));
  return [csv, xlsx].filter((file) => file !== undefined);
}
