import { z } from 'zod';
import { hazardKinds, refusalKinds, variableClasses } from '../../patch/types.js';
import { image } from './images.js';
import { resolvedFamily } from './patch-record.js';
import { bytes, document, nullableText, sha256 } from './words.js';

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
      left: bytes.describe(
        'of these, in sites that were left to the kernel as asked: it makes them equal at boot',
      ),
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
