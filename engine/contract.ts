import { z } from 'zod';
import { lineMarks, reasons, siteFamilies, verdicts } from './compare/types.js';
import {
  familyNames,
  fieldUses,
  hazardKinds,
  outcomes as siteOutcomes,
  refusalKinds,
  variableClasses,
} from './patch/types.js';

/**
 * Every document that leaves the engine: what `kbl VERB --json` prints (the
 * comparison is in report/schema.ts). Each carries its name and a version;
 * within a version fields are added, never renamed or removed. The schemas in
 * docs/schema/ are generated from here.
 */

/** A document's outermost object, with its name and version. */
function document<Name extends string, Shape extends z.ZodRawShape, Version extends number = 1>(
  name: Name,
  shape: Shape,
  version = 1 as Version,
) {
  return z.strictObject({
    schema: z.literal(`kbl-${name}` as const),
    version: z.literal(version),
    ...shape,
  });
}

const sha256 = z.string().describe('SHA-256, lower-case hexadecimal');
const bytes = z.int().describe('bytes');
const time = z.string().describe('ISO 8601, UTC');
const wall = z.number().describe('milliseconds; emulated, not comparable with hardware');
const nullableText = z.string().nullable();

// Errors

export const errorDocument = document('error', {
  error: z.strictObject({
    code: z.string().describe('stable; docs/errors.md lists them all'),
    kind: z.string(),
    message: z.string(),
    place: z
      .strictObject({
        file: nullableText,
        offset: z.int().nullable().describe('byte offset in the file'),
        section: nullableText,
        symbol: nullableText,
      })
      .nullable(),
    hint: z.string(),
  }),
});

// Doctor

const installCommands = z
  .strictObject({ debian: nullableText, fedora: nullableText, arch: nullableText })
  .describe('the command that installs it; null where no package has it');

const doctorCheck = z.strictObject({
  id: z.string(),
  required: z.boolean(),
  neededBy: z.string().describe('what cannot be done without it'),
  status: z.enum(['ok', 'warning', 'missing']),
  found: nullableText.describe('version, path or amount'),
  advice: nullableText,
  install: installCommands.nullable().describe('null where nothing is to be installed'),
});

const doctorReport = z.strictObject({
  ok: z.boolean().describe('everything required is there'),
  system: z.strictObject({ name: z.string(), node: z.string(), cpus: z.int(), memory: bytes }),
  checks: z.array(doctorCheck),
  install: installCommands.describe('installs everything that is missing'),
});

export type DoctorCheck = z.infer<typeof doctorCheck>;
export type DoctorReport = z.infer<typeof doctorReport>;

export const doctorDocument = document('doctor', doctorReport.shape);

// Images

const artifact = z.strictObject({ sha256, size: bytes });

const buildRecord = z
  .strictObject({
    schema: z.literal(1),
    flavour: z.string(),
    key: sha256.describe('of source, configuration and toolchain together'),
    source: z.strictObject({
      origin: z.string(),
      version: z.string(),
      revision: z.string().optional(),
      digest: sha256,
      digestMethod: z.enum(['tarball', 'git', 'file-times']),
    }),
    configuration: z.strictObject({
      digest: sha256,
      fragments: z.array(z.strictObject({ name: z.string(), digest: sha256 })),
    }),
    toolchain: z.record(z.string(), z.string()),
    environment: z.record(z.string(), z.string()),
    reproduce: z.array(z.string()).describe('shell commands that build the image again'),
    artifacts: z.strictObject({
      bzImage: artifact,
      vmlinux: artifact,
      config: artifact,
      systemMap: artifact,
    }),
    relinkable: z.boolean(),
    steps: z.int(),
    wall: z.number().describe('milliseconds'),
    builtAt: time,
  })
  .describe('what was built from what, and the commands that do it again');

const settledTable = z
  .strictObject({
    calls: z.int().describe('calls at boot that became no-ops'),
    emptied: bytes.describe('of tables, that became zeros'),
    kept: z.int().describe('entries that the kernel goes on applying'),
  })
  .describe('how the table was put out of use');

const resolvedFamily = z.strictObject({
  family: z.enum(familyNames),
  sites: z.int().describe("entries of the kernel's table"),
  changed: z.int().describe('sites whose bytes changed'),
  changedBytes: bytes,
  settled: settledTable.nullable().describe('null where the kernel goes on using it'),
  initial: z
    .array(z.string())
    .describe('keys and calls whose initial value changed with their sites'),
  left: z
    .array(z.string())
    .describe('what was left to the kernel: members of pv_ops, keys and calls, by name'),
  leftBecause: nullableText.describe('why all of it was left to the kernel'),
});

const patchRecord = z
  .strictObject({
    schema: z.literal(1),
    environment: z.string(),
    cpu: z.string().describe("QEMU's model"),
    observation: sha256.describe('input hash of the boot whose memory told what the kernel finds'),
    keepTables: z.boolean(),
    families: z.array(resolvedFamily),
    constants: z.array(
      z.strictObject({
        symbol: z.string(),
        value: z.string().describe('hexadecimal'),
        replaced: z.int().describe('loads that became immediates'),
        refused: z.int().describe('loads that did not'),
      }),
    ),
  })
  .describe('for which target the kernel was patched, and what became of each family');

const image = z.strictObject({
  id: z.int(),
  sha256: sha256.describe('digest of the file, its name in the store'),
  kind: z.enum(['built', 'merged', 'patched', 'imported']),
  name: z.string(),
  flavour: nullableText,
  kernelVersion: nullableText,
  size: bytes,
  build: buildRecord.nullable(),
  parts: z.array(z.strictObject({ label: z.string(), sha256 })),
  patch: patchRecord.nullable(),
  origin: nullableText,
  createdAt: time,
});

const kernel = z.strictObject({
  width: z.int(),
  machine: z.string(),
  entry: z.string(),
  banner: nullableText,
  buildId: nullableText,
  elfSize: bytes,
  relocationTableSize: bytes,
  stripped: z.boolean(),
  xenNotes: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  xenFeatures: z.array(z.string()),
  multiboot: z.int().nullable(),
});

const multiImage = z.strictObject({
  version: z.int().describe('of the format'),
  carrier: z
    .enum(['decompressor', 'stub'])
    .describe("what rebuilds a flavour at boot: the kernel's own decompressor, or the boot stub"),
  base: z.string().describe('the flavour that is stored whole, and that Xen boots'),
  default: z.string().describe('the flavour that boots when nothing decides'),
  rules: z
    .array(z.strictObject({ signature: z.string(), flavour: z.string() }))
    .describe('hypervisor signatures and the flavours they choose, tried in order'),
});

const flavour = z.strictObject({
  name: z.string(),
  stored: z.enum(['base', 'recipe']),
  recipeSize: bytes.describe('bytes; 0 for the base'),
  unpackedSize: bytes.describe('bytes of the unpacked payload, relocations included'),
  relocationsSize: bytes,
  memorySize: bytes.describe('bytes of the loaded segments, .bss included'),
  workSize: bytes.describe('bytes of scratch memory for rebuilding it at boot'),
  loadAddress: z.string(),
  checksum: z.string().describe('Fletcher-64 of the unpacked payload, hexadecimal'),
  original: sha256.describe('SHA-256 of the bzImage it came from'),
});

const rebuiltFlavour = flavour.extend({
  intact: z.boolean().describe('it was rebuilt and has its checksum'),
  problem: nullableText.describe('why not'),
  kernel: kernel.nullable(),
  shared: z
    .strictObject({
      copies: z.int().describe('pieces that are copied from the base'),
      unchanged: bytes.describe('bytes that are copied and stay as they are'),
      changed: bytes.describe('bytes that are copied, then changed: addresses above all'),
      inserted: bytes.describe('bytes of the ELF that are not copied'),
      relocations: bytes.describe('bytes of the relocations behind the ELF'),
    })
    .nullable()
    .describe('where its bytes come from; null for the base'),
});

const description = z.strictObject({
  container: z.enum(['bzImage', 'zImage', 'vmlinux']),
  wrapping: nullableText.describe('codec around the whole file'),
  size: bytes,
  setup: z
    .strictObject({
      protocol: z.string(),
      kernelVersion: nullableText,
      fields: z.array(
        z.strictObject({
          name: z.string(),
          offset: z.int(),
          value: z.string(),
          use: z.string(),
        }),
      ),
      loadflags: z.array(z.string()),
      xloadflags: z.array(z.string()),
      setupSize: bytes,
      protectedModeSize: bytes,
      crcMatches: z.boolean(),
    })
    .nullable(),
  payload: z
    .strictObject({
      codec: z.string(),
      offset: z.int(),
      size: bytes,
      unpackedSize: bytes.nullable(),
    })
    .nullable(),
  kernel: kernel.nullable(),
  problem: z
    .strictObject({ code: z.string(), message: z.string(), hint: z.string() })
    .nullable()
    .describe('why kernel or multiImage is null although there should be one'),
  efi: z
    .strictObject({
      machine: z.string(),
      sizeOfImage: bytes,
      sections: z.array(z.string()),
      signed: z.boolean(),
    })
    .nullable(),
  multiImage: multiImage.extend({ flavours: z.array(rebuiltFlavour) }).nullable(),
  bootsAs: z.array(
    z.strictObject({ environment: z.string(), boots: z.boolean(), reason: z.string() }),
  ),
});

export const imagesDocument = document('images', { images: z.array(image) });
export const importDocument = document(
  'import',
  {
    image,
    existed: z.boolean().describe('the workspace knew these bytes before'),
    description,
  },
  2,
);
export const inspectDocument = document(
  'inspect',
  {
    file: z.string(),
    image: image.nullable().describe('null for a file that is not in the workspace'),
    description,
  },
  2,
);
export const mergeDocument = document(
  'merge',
  {
    image,
    file: nullableText,
    multiImage: multiImage.extend({ flavours: z.array(flavour) }),
    stubBecause: nullableText.describe("why not the kernel's own decompressor"),
    codec: z.string().describe("of the base's payload"),
    sizes: z
      .strictObject({ payload: bytes, recipes: bytes, rest: bytes })
      .describe('what the file is made of; the rest is code, headers and the directory'),
    images: z
      .array(z.strictObject({ flavour: z.string(), name: z.string(), size: bytes }))
      .describe('what was merged'),
    recipes: z.array(
      z.strictObject({
        flavour: z.string(),
        stages: z
          .array(z.strictObject({ name: z.string(), size: bytes }))
          .describe('where its bytes went; they add up to the recipe'),
        namesStored: nullableText.describe('why symbol names are stored as they are'),
      }),
    ),
  },
  2,
);
export const patchDocument = document('patch', {
  image,
  original: z.strictObject({ name: z.string(), sha256, size: bytes }),
  file: nullableText.describe('where it was written, besides the workspace'),
  observation: z
    .strictObject({
      inputHash: sha256,
      environment: z.string(),
      cpu: z.string(),
      cached: z.boolean().describe('the boot was found, not done again'),
    })
    .describe('the boot whose memory told what the kernel finds on the target'),
  namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
  families: z.array(resolvedFamily).describe('in the order in which the kernel applies them'),
  relocations: z
    .strictObject({ dropped: z.int(), added: z.int() })
    .describe('fields that KASLR no longer corrects, and that it now does'),
  constants: z
    .array(
      z.strictObject({
        symbol: z.string(),
        value: z.string().describe('hexadecimal'),
        replaced: z.int().describe('loads that became immediates'),
        refused: z.array(z.strictObject({ address: z.string(), why: z.enum(refusalKinds) })),
      }),
    )
    .describe('variables whose loads became immediates'),
  text: z
    .strictObject({
      size: bytes.describe('compared'),
      changedAtBoot: bytes.describe('that the kernel changed when it booted'),
      different: bytes.describe('in which the patched text is not what was in memory'),
      byName: bytes.describe('that the kernel writes at boot into no site, and will again'),
      runs: z
        .array(
          z.strictObject({
            address: z.string(),
            place: z.string(),
            file: z.string().describe('bytes, hexadecimal'),
            memory: z.string(),
          }),
        )
        .describe('where they differ, 1000 at most'),
    })
    .describe("the proof: patched text against the booted kernel's"),
});
const executedLoads = z
  .strictObject({
    boot: z.int().describe('up to the first instruction of /init'),
    workloads: z.record(z.string(), z.number()).describe('by one operation of each workload'),
    all: z.number().describe('by one operation of every workload together'),
  })
  .describe('loads executed');

export const constantsDocument = document('constants', {
  image: z.strictObject({ name: z.string(), sha256 }),
  environment: z.string(),
  cpu: z.string(),
  namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
  variables: z.int().describe('in .data..ro_after_init and .data..read_mostly'),
  loads: z.int().describe('instructions that read one of them at a plain address'),
  relocations: z
    .strictObject({
      relocations: z.int().describe('in .text against the variables'),
      decoded: z.int().describe('instructions at a plain address that have one'),
      others: z.int().describe('of arrays with an index, and where the address is taken'),
      unrelocated: z.int().describe('instructions that have none'),
    })
    .nullable()
    .describe('loads found from relocations against loads found by decoding; null without them'),
  totals: z.array(
    z.strictObject({
      workload: z.string(),
      executed: z.number().describe('loads by one operation'),
      replaceable: z.number().describe('of these, by instructions that an immediate fits'),
      safe: z.number().describe('of these, of variables that cannot change any more'),
    }),
  ),
  ranked: z
    .array(
      z.strictObject({
        name: z.string(),
        class: z.enum(variableClasses),
        address: z.string(),
        size: bytes,
        value: z.string().describe('after boot; of more than 8 bytes the first 16, as they lie'),
        initial: nullableText.describe('in the file, where that is another value'),
        hazards: z
          .array(z.strictObject({ kind: z.enum(hazardKinds), where: z.array(z.string()) }))
          .describe('how the value may still change'),
        loads: z.int().describe('instructions that read it'),
        executed: executedLoads,
        replaceable: z.int().describe('loads that have room for an immediate'),
        saved: executedLoads.describe('executed loads that are gone then'),
        early: z
          .int()
          .describe('of these, before the variable had its value: they would see another'),
        refused: z.partialRecord(z.enum(refusalKinds), z.int()).describe('loads that stay, by why'),
      }),
    )
    .describe('most executed first; those that nothing reads are left out'),
});
export const extractDocument = document('extract', {
  image: z.strictObject({ file: z.string(), name: nullableText }),
  flavour: nullableText.describe('null for an image with one kernel'),
  stored: z.enum(['base', 'recipe', 'whole']).describe('how the image holds it'),
  file: z.string().describe('where it was written'),
  size: bytes,
  sha256,
});
export const buildDocument = document('build', {
  builds: z.array(
    z.strictObject({
      image,
      cached: z.boolean().describe('an earlier build was found, nothing was compiled'),
      folder: z.string().describe('log, record, and what relinking needs'),
      warnings: z.array(z.string()),
    }),
  ),
});

// Boots

const bootCommand = z.strictObject({
  program: z.string(),
  argv: z.array(z.string()),
  kernelCommandLine: z.string(),
  xenCommandLine: nullableText,
});

export const bootDocument = document('boot', {
  image: z.strictObject({ file: z.string(), sha256: sha256.nullable(), name: nullableText }),
  environment: z.string(),
  command: bootCommand,
  result: z
    .strictObject({ outcome: z.string(), evidence: z.string(), wall })
    .nullable()
    .describe('null for --dry-run'),
});

const comparedBytes = z.strictObject({ size: bytes, changed: bytes });

export const observeDocument = document('observe', {
  image: z.strictObject({ file: z.string(), sha256, name: nullableText }),
  environment: z.string(),
  cpu: z.string().describe("QEMU's CPU model"),
  command: bootCommand,
  observation: z
    .strictObject({
      inputHash: sha256.describe('of everything that decides what the guest does'),
      cached: z.boolean().describe('the same was booted before, and found again'),
      exact: z
        .boolean()
        .describe(
          'the guest stopped between two instructions: a boot of the same inputs gives the same memory',
        ),
      start: z.string().describe('virtual address, hexadecimal'),
      size: bytes,
      physical: z.string().describe("where it was in the machine's memory, hexadecimal"),
      sha256: sha256.describe('of the memory'),
      emulator: z.string(),
      xen: nullableText,
      wall,
    })
    .nullable()
    .describe('null for --dry-run'),
  changes: z
    .strictObject({
      namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
      text: comparedBytes.describe('code that stays after boot'),
      constants: comparedBytes.describe('read-only data that stay after boot'),
      freed: bytes.describe('given back after boot, and not compared'),
      families: z.array(
        z.strictObject({
          family: z.string(),
          sites: z.int(),
          changed: z.int().describe('sites of which a byte changed'),
          changedBytes: bytes,
        }),
      ),
      unread: z
        .array(z.strictObject({ family: z.string(), why: z.string() }))
        .describe('families whose table was not understood'),
      direct: z
        .array(z.strictObject({ name: z.string(), writer: z.string(), changedBytes: bytes }))
        .describe('code that a function of the kernel rewrites by name'),
      owners: z
        .array(
          z.strictObject({
            kind: z.enum(['table', 'ro-after-init', 'unnamed', 'constant']),
            name: z.string(),
            changedBytes: bytes,
          }),
        )
        .describe('what changed constants belong to'),
      unexplained: z.strictObject({
        places: z.int(),
        bytes,
        first: z
          .array(
            z.strictObject({
              in: z.enum(['text', 'constants']),
              address: z.string(),
              place: z.string().describe('function+offset'),
              file: z.string().describe('bytes, hexadecimal'),
              memory: z.string(),
            }),
          )
          .describe('up to 1000, by address'),
      }),
    })
    .nullable()
    .describe('who changed what; null for --dry-run'),
});

export const commandsDocument = document('commands', {
  commands: z.array(
    z.strictObject({ label: z.string(), environment: z.string(), command: bootCommand }),
  ),
});

// Experiments

const runSummary = z.strictObject({
  id: z.int(),
  cell: z.int(),
  repetition: z.int(),
  label: z.string(),
  environment: z.string(),
  state: z.string(),
  outcome: nullableText,
  evidence: nullableText,
  wall: wall.nullable(),
  lastLines: z
    .array(z.string())
    .nullable()
    .describe('end of the console of a failed run, where one experiment is asked for'),
});

export const experimentsDocument = document('experiments', {
  console: z
    .strictObject({
      run: z.int(),
      text: z.string().describe('as the guest wrote it, escape sequences included'),
      truncated: z.boolean().describe('there was more than is kept'),
    })
    .nullable()
    .describe('null without --console'),
  experiments: z.array(
    z.strictObject({
      id: z.int(),
      name: z.string(),
      note: z.string(),
      state: z.string(),
      planHash: sha256,
      workloads: z.array(z.string()),
      repeat: z.int(),
      planned: z.int().describe('runs that the plan asks for; `runs` has those that were begun'),
      createdAt: time,
      finishedAt: time.nullable(),
      runs: z.array(runSummary),
    }),
  ),
});

export const exportDocument = document('export', {
  experiment: z.string(),
  files: z.array(z.string()),
});

// Two kernels compared

const verdict = z.enum(verdicts);
const diffReason = z.enum(reasons);
const diffTotal = z.strictObject({ count: z.int(), bytesA: bytes, bytesB: bytes });
const verdictTotals = z.record(verdict, diffTotal);
const diffRow = z.strictObject({
  kind: z.enum(['function', 'object']),
  name: z.string(),
  nameB: nullableText.describe("B's name where it is another"),
  section: z.string(),
  source: nullableText.describe('folder or base name of the source; null where it cannot be told'),
  verdict,
  reason: diffReason.nullable(),
  evidence: z.array(diffReason).describe('everything that was seen; reason is the main one'),
  addressA: nullableText,
  addressB: nullableText,
  sizeA: bytes.nullable(),
  sizeB: bytes.nullable(),
});
const diffPlace = z
  .strictObject({ name: z.string(), section: z.string(), address: z.string(), size: bytes })
  .nullable();
const disassembledLine = z
  .strictObject({ offset: bytes, size: bytes, text: z.string() })
  .nullable();

export const diffDocument = document('diff', {
  a: z.strictObject({ label: z.string(), file: z.string() }),
  b: z.strictObject({ label: z.string(), file: z.string() }),
  comparison: z
    .strictObject({
      totals: z.strictObject({
        functions: verdictTotals,
        objects: verdictTotals,
        reasons: z.record(diffReason, diffTotal),
        objectSections: z.array(z.strictObject({ section: z.string(), verdicts: verdictTotals })),
        sources: z.strictObject({
          kind: z.enum(['folder', 'file']),
          rows: z.array(z.strictObject({ source: nullableText, verdicts: verdictTotals })),
        }),
      }),
      remainders: z
        .array(
          z.strictObject({
            section: z.string(),
            label: z.string(),
            sizeA: bytes,
            sizeB: bytes,
            sharedA: bytes,
            sharedB: bytes,
            paddingA: bytes,
            paddingB: bytes,
          }),
        )
        .describe(
          'what no sized symbol covers; with functions and objects it is all that is loaded',
        ),
      functions: z.array(diffRow).describe('without those that are the same, unless --all'),
      objects: z.array(diffRow),
      notes: z.array(z.string()).describe('what could not be told, and why'),
    })
    .nullable()
    .describe('null for --function and --bloat-o-meter'),
  disassembly: z
    .array(
      z.strictObject({
        verdict,
        reason: diffReason.nullable(),
        evidence: z.array(diffReason),
        a: diffPlace,
        b: diffPlace,
        lines: z.array(
          z.strictObject({
            mark: z.enum(lineMarks),
            families: z.array(z.enum(siteFamilies)),
            a: disassembledLine,
            b: disassembledLine,
          }),
        ),
      }),
    )
    .nullable(),
  bloatOMeter: nullableText,
  files: z.array(z.string()),
});

// Patch sites

const siteAfter = z.strictObject({
  bytes: z.string().describe('hexadecimal'),
  instruction: z.string(),
  outcome: z.enum(siteOutcomes).nullable().describe('of paravirt sites; null for others'),
});
const siteRow = z.strictObject({
  address: z.string(),
  place: z.string().describe('function and offset'),
  family: z.enum(familyNames),
  subject: z.string().describe('key, feature, member of pv_ops: what decides'),
  bytes: z.string().describe('hexadecimal'),
  instruction: z.string().describe('several have "; " between them'),
  staysInText: z.boolean().describe('false for code that the kernel frees after boot'),
  after: siteAfter.nullable().describe('null without --for, and for code that is freed'),
});
const codeLine = z.strictObject({ offset: bytes, size: bytes, text: z.string() });
const functionView = z.strictObject({
  name: z.string(),
  address: z.string(),
  size: bytes,
  blocks: z.array(
    z.strictObject({
      original: z.array(codeLine),
      sites: z
        .array(
          z.strictObject({
            address: z.string(),
            family: z.enum(familyNames),
            subject: z.string(),
            replacement: z
              .array(codeLine)
              .nullable()
              .describe('of an alternative, offsets from its own start; null for other families'),
          }),
        )
        .describe('what may be rewritten here; empty for code that stays'),
      after: z.array(codeLine).nullable().describe('after boot; null where that is not known'),
      changes: z.boolean(),
    }),
  ),
});
const discovery = z.strictObject({
  fields: z.int().describe('relocated fields that lead into pv_ops'),
  entries: z.int().describe('of the table of paravirt sites'),
  inBoth: z.int(),
  onlyRelocated: z.array(
    z.strictObject({
      address: z.string(),
      place: z.string(),
      use: z.enum(fieldUses),
      member: z.string(),
    }),
  ),
  onlyInTable: z.array(z.string()),
  notes: z.array(z.string()),
});

export const sitesDocument = document('sites', {
  image: z.strictObject({ file: z.string(), name: nullableText }),
  kernelVersion: nullableText,
  namesFrom: z.enum(['symbols', 'kallsyms', 'nothing']),
  target: z.strictObject({ environment: z.string(), cpu: z.string() }).nullable(),
  totals: z.array(
    z.strictObject({
      family: z.enum(familyNames),
      entries: z.int().describe('of the table'),
      sites: z.int().describe('places, several entries of one counted once'),
      bytes,
      inText: z.int(),
      inInitText: z.int(),
    }),
  ),
  rows: z.array(siteRow).describe('by address; the first --limit of them'),
  rowsLeft: z.int().describe('rows that --all would add'),
  functions: z.array(functionView).nullable().describe('null without --function'),
  discovery: discovery.nullable().describe('null without --discover'),
  notes: z.array(z.string()).describe('what could not be told, and why'),
  files: z.array(z.string()),
});

export const completionDocument = document('completion', {
  shell: z.enum(['bash', 'zsh', 'fish']),
  script: z.string(),
});
