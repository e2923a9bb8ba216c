import { z } from 'zod';
import { patchRecord } from './patch-record.js';
import { bytes, document, nullableText, sha256, time } from './words.js';

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
      linkMap: artifact
        .optional()
        .describe('where the linker put what, as ld -Map writes it; older builds have none'),
    }),
    relinkable: z.boolean(),
    steps: z.int(),
    wall: z.number().describe('milliseconds'),
    builtAt: time,
  })
  .describe('what was built from what, and the commands that do it again');

export const image = z.strictObject({
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
  sections: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      flags: z.string().describe('W writable, A takes memory, X executable'),
      address: z.string(),
      offset: z.int(),
      size: bytes,
    }),
  ),
  notes: z
    .array(z.strictObject({ owner: z.string(), name: z.string(), value: z.string() }))
    .describe('every ELF note'),
  multiboot: z.int().nullable(),
});

export const multiImage = z.strictObject({
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

export const flavour = z.strictObject({
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
  entries: z
    .array(
      z.strictObject({
        name: z.string(),
        address: z.string(),
        space: z
          .enum(['file', 'physical', 'virtual', 'loaded'])
          .describe('what the address is of; `loaded`: behind the protected-mode code in memory'),
        by: z.string().describe('who enters there'),
      }),
    )
    .describe('where the image may be entered'),
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
