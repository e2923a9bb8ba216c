import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeImage,
  encodeDirectory,
  headerFields,
  readBzImage,
  readDirectory,
  setHeaderField,
  unpackPayload,
  type FieldName,
} from '../../engine/bzimage/index.js';
import { LabError } from '../../engine/errors/lab-error.js';
import { describeFlavours, extractFlavour } from '../../engine/merge/index.js';
import {
  buildBzImage,
  gzipPayload,
  lz4Stream,
  lzmaAloneStream,
  withSize,
  xzStream,
  zstdStream,
} from '../support/bzimage-builder.js';
import { bzip2Runs } from '../support/bzip2-samples.js';
import { buildKernelElf, linuxXenNotes } from '../support/elf-builder.js';
import { multiImage, withBehindPayload } from '../support/multi-image.js';

const MiB = 1024 * 1024;

/** The property all hostile input must have: a result, or an error of the catalogue. */
async function resultOrLabError(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    expect(error.hint).not.toBe('');
  }
}

const elf = buildKernelElf({ notes: linuxXenNotes() });
const image = buildBzImage({ payload: gzipPayload(elf), setupSects: 2, efi: true });
const multi = multiImage({ kernels: { native: buildKernelElf({}), xen: elf } });
const limit = 4 * MiB;
const describeBounded = async (bytes: Uint8Array) =>
  describeFlavours(bytes, await describeImage(bytes, { limit }), { limit });

/** Every reader of an image. */
async function readAll(bytes: Uint8Array): Promise<void> {
  await resultOrLabError(() => describeBounded(bytes));
  await resultOrLabError(() => extractFlavour(bytes, 'native', { limit }));
}

describe('the image readers on hostile input', () => {
  it('answer or refuse random bytes', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), readAll));
  });

  it('answer or refuse random bytes around a valid magic', async () => {
    const noise = fc.uint8Array({ minLength: 1024, maxLength: 4096 });
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        bytes.set([0x55, 0xaa], 0x1fe);
        bytes.set(Buffer.from('HdrS'), 0x202);
        await readAll(bytes);
      }),
    );
  });

  it('refuse an image truncated at every length', async () => {
    for (let size = 0; size < image.length; size++) {
      await expect(describeBounded(image.subarray(0, size))).rejects.toThrow(LabError);
    }
  });

  it('answer or refuse images with bytes changed', async () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const changes = fc.array(change, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(image, multi), changes, async (whole, list) => {
        const bytes = new Uint8Array(whole);
        for (const [at, value] of list) bytes[at % bytes.length] = value;
        await readAll(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('answer or refuse every header field at its extremes', async () => {
    for (const { name, size } of headerFields) {
      const top = 2n ** BigInt(size * 8);
      for (const value of [0n, 1n, top / 2n - 1n, top / 2n, top - 1n]) {
        for (const whole of [image, multi]) {
          const bytes = new Uint8Array(whole);
          setHeaderField(bytes, name, (size === 8 ? value : Number(value)) as never);
          await readAll(bytes);
        }
      }
    }
  });
});

describe('a multi-image', () => {
  it('is refused, or gives the right bytes, whatever stands in its recipe', async () => {
    const native = (await extractFlavour(multi, 'native')).bytes;
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const changes = fc.array(change, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const directory = readDirectory(readBzImage(multi))!;
        const recipe = new Uint8Array(directory.flavours[0]!.recipe);
        for (const [at, value] of list) recipe[at % recipe.length] = value;
        directory.flavours[0]!.recipe = recipe;
        const bytes = withBehindPayload(gzipPayload(elf), encodeDirectory(directory));
        await resultOrLabError(async () => {
          const made = (await extractFlavour(bytes, 'native', { limit })).bytes;
          expect(Buffer.compare(made, native)).toBe(0);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a header field', () => {
  // Fields that decide how, or whether, the rest is read.
  const structural: FieldName[] = [
    'setup_sects',
    'syssize',
    'boot_flag',
    'header',
    'version',
    'payload_offset',
    'payload_length',
  ];
  const free = headerFields.filter(({ name }) => !structural.includes(name));

  it('reads back as it was written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...free),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (field, n) => {
          const wide = field.size === 8;
          const value = wide ? n : Number(n % 2n ** BigInt(field.size * 8));
          const bytes = new Uint8Array(image);
          setHeaderField(bytes, field.name, value as never);
          expect(readBzImage(bytes).fields[field.name]).toBe(value);
        },
      ),
    );
  });
});

describe('the payload codecs on hostile input', async () => {
  const text = Buffer.from('call *pv_ops+0x28(%rip)\n'.repeat(200));
  const payloads: Record<string, Uint8Array> = {
    gzip: gzipPayload(text),
    xz: withSize(await xzStream(text), text.length),
    lzma: withSize(await lzmaAloneStream(text), text.length),
    zstd: withSize(await zstdStream(text), text.length),
    lz4: withSize(lz4Stream(text), text.length),
    bzip2: withSize(bzip2Runs.stream, bzip2Runs.plain.length),
  };
  const unpack = (payload: Uint8Array) =>
    unpackPayload(payload, { sizeAppended: true, limit: MiB });

  it.each(Object.keys(payloads))('%s: changed bytes give a result or a refusal', async (codec) => {
    const whole = payloads[codec]!;
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = new Uint8Array(whole);
        for (const [at, value] of list) bytes[at % bytes.length] = value;
        await resultOrLabError(() => unpack(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it.each(Object.keys(payloads))('%s: noise behind the magic gives a refusal', async (codec) => {
    const magic = payloads[codec]!.subarray(0, 6);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 512 }), async (noise) => {
        await resultOrLabError(() => unpack(Buffer.concat([magic, noise])));
      }),
    );
  });
});
