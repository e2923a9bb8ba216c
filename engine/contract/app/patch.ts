import { z } from 'zod';
import {
  constantsDocument,
  observeDocument,
  patchDocument,
  sitesDocument,
} from '../../contract.js';
import { familyNames, refusalKinds } from '../../patch/types.js';
import { jobMethod, method } from './method.js';

export {
  familyNames,
  hazards,
  refusals,
  type FamilyName,
  type HazardKind,
  type Refusal,
} from '../../patch/types.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sitesShape = sitesDocument.shape;

/** Where a patched kernel is to run: under Xen, dom0 is the PV guest that the lab boots. */
export const patchEnvironments = ['bare', 'xen-pv-dom0'] as const;
export type PatchEnvironment = (typeof patchEnvironments)[number];

const target = z.strictObject({
  environment: z.enum(patchEnvironments),
  cpu: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._,+=-]*$/)
    .max(200)
    .describe("QEMU's CPU model"),
});
export type PatchTarget = z.infer<typeof target>;

/** What becomes of a site on the target. `freed`: its code is gone after boot; `unknown`: never seen. */
export const siteFates = ['changes', 'stays', 'freed', 'unknown'] as const;
export type SiteFate = (typeof siteFates)[number];

/** Patch sites by address, a column each: 30 000 rows as objects would take the window long to check. */
const siteColumns = z.strictObject({
  length: z.int(),
  address: z.array(z.string()).describe('hexadecimal'),
  place: z.array(z.string()).describe('function and offset'),
  bytes: z.array(z.string()).describe('hexadecimal'),
  family: z.instanceof(Uint8Array).describe('index into `familyNames`'),
  fate: z.instanceof(Uint8Array).describe('index into `siteFates`'),
  instruction: z.instanceof(Int32Array).describe('index into `texts`'),
  subject: z.instanceof(Int32Array).describe('index into `texts`: key, feature, member of pv_ops'),
  after: z.instanceof(Int32Array).describe('index into `texts`; -1 where it is not known'),
});
export type SiteColumns = z.infer<typeof siteColumns>;

const sitesReply = z.strictObject({
  kernelVersion: sitesShape.kernelVersion,
  totals: sitesShape.totals,
  notes: sitesShape.notes,
  observed: z.boolean().describe('the kernel was booted there before: fates are known'),
  sites: siteColumns,
  texts: z.array(z.string()),
});
export type Sites = z.infer<typeof sitesReply>;

const functionView = sitesShape.functions.unwrap().element;
export type FunctionView = z.infer<typeof functionView>;

export type Discovery = NonNullable<z.infer<typeof sitesDocument>['discovery']>;

/** Formats that a list of sites is exported in; also their file name extensions. */
export const sitesFormats = ['csv', 'json'] as const;
export type SitesFormat = (typeof sitesFormats)[number];

export type ConstantsOf = z.infer<typeof constantsDocument>;
export type Constant = ConstantsOf['ranked'][number];

const loadRow = z.strictObject({
  address: z.string(),
  place: z.string().describe('function and offset'),
  before: z.string(),
  after: z.string().nullable().describe('null for one that stays'),
  refused: z.enum(refusalKinds).nullable().describe('why it stays'),
});
export type LoadRow = z.infer<typeof loadRow>;

export type Observed = z.infer<typeof observeDocument>;
export type Patched = z.infer<typeof patchDocument>;

export const patchMethods = {
  /** Every site of an image, and what becomes of it where that was observed. Takes seconds. */
  'patch.sites': method({
    params: z.strictObject({ image: sha256, target }),
    reply: sitesReply,
    event: z.never(),
  }),
  /** Code of a name, before and after: static functions share names. */
  'patch.function': method({
    params: z.strictObject({ image: sha256, target, name: z.string().max(1000) }),
    reply: z.strictObject({ observed: z.boolean(), functions: z.array(functionView) }),
    event: z.never(),
  }),
  /** What relocations alone would find of paravirt sites. */
  'patch.discover': method({
    params: z.strictObject({ image: sha256, target }),
    reply: sitesShape.discovery.unwrap(),
    event: z.never(),
  }),
  /** Loads of a variable, before and after. `observed` is false, and none told, where it was not booted there. */
  'patch.loads': method({
    params: z.strictObject({ image: sha256, target, symbol: z.string().max(1000) }),
    reply: z.strictObject({ observed: z.boolean(), loads: z.array(loadRow) }),
    event: z.never(),
  }),
  /** Writes every site to a file that the user named (shell.ts). */
  'patch.export': method({
    params: z.strictObject({
      image: sha256,
      target,
      format: z.enum(sitesFormats),
      file: z.uuid().describe('token of a file to write'),
    }),
    reply: z.strictObject({}),
    event: z.never(),
  }),
};

/** Words for sites and variables: names, places, addresses. */
const names = z.array(z.string().min(1).max(1000)).max(1000);

export const patchJobs = {
  /** Boots the image once, and tells what it rewrote of itself. */
  'patch.observe': jobMethod({
    params: z.strictObject({ image: sha256, target }),
    result: observeDocument,
  }),
  /** Boots the image, and again with every workload, to see which variables are read, and how often. */
  'patch.constants': jobMethod({
    params: z.strictObject({ image: sha256, target }),
    result: constantsDocument,
  }),
  /** Observes the image where that was not done, and resolves its sites. */
  'patch.run': jobMethod({
    params: z.strictObject({
      image: sha256,
      target,
      families: z.array(z.enum(familyNames)).min(1).nullable().describe('null for all'),
      except: names.describe('sites that are left to the kernel: names, functions, addresses'),
      constants: names.describe('variables whose loads become immediates'),
      force: z.boolean().describe('take variables, too, that may change'),
      keepTables: z.boolean().describe('leave tables alone: for comparing text, it may not boot'),
      name: z.string().max(200).nullable().describe('null for IMAGE-for-TARGET'),
    }),
    result: patchDocument,
  }),
};
