import { z } from 'zod';
import { buildDocument, imagesDocument, importDocument, inspectDocument } from '../../contract.js';
import { sizeAbout, sizeSection, sizeTotals } from '../documents/size.js';
import { errorBody } from './jobs.js';
import { jobMethod, method } from './method.js';

export { leafKinds, sizeClasses, type LeafKind, type SizeClass } from '../../size/types.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const image = imagesDocument.shape.images.element;

export type Image = z.infer<typeof image>;
export type Inspection = z.infer<typeof inspectDocument>;
export type Description = Inspection['description'];

/** Buildable variants, as the build dialog offers them. */
const flavour = z.strictObject({ name: z.string(), summary: z.string() });
export type FlavourChoice = z.infer<typeof flavour>;

const fragmentName = z.string().max(200);

/** A kconfig fragment that the user wrote in the app; a problem names its line. */
const ownFragment = z.strictObject({
  name: z.string(),
  text: z.string(),
  options: z.int().describe('how many it sets'),
  problem: errorBody.nullable(),
});
export type OwnFragment = z.infer<typeof ownFragment>;

const sizes = z.strictObject({
  ...sizeAbout,
  totals: sizeTotals,
  sections: z.array(sizeSection),
  /** Paths of object files, or names of source files where folders are not known. */
  objects: z.array(z.string()),
  /** Every byte in one row, a column each: LeafTable (engine/size/leaves.ts). */
  leaves: z.strictObject({
    length: z.int(),
    size: z.instanceof(Float64Array),
    section: z.instanceof(Uint16Array).describe('index into sections'),
    object: z.instanceof(Int32Array).describe('index into objects; -1 for none'),
    kind: z.instanceof(Uint8Array).describe('index into `leafKinds`'),
    name: z.array(z.string()),
  }),
});
export type Sizes = z.infer<typeof sizes>;

export const imagesMethods = {
  'images.list': method({ params: z.strictObject({}), reply: imagesDocument, event: z.never() }),
  'images.find': method({ params: z.strictObject({ sha256 }), reply: image, event: z.never() }),
  'images.inspect': method({
    params: z.strictObject({ sha256 }),
    reply: inspectDocument,
    event: z.never(),
  }),
  /** Where an image boots: what `inspect` tells of that, in a fraction of the time. */
  'images.boots': method({
    params: z.strictObject({ sha256 }),
    reply: z.strictObject({ environments: z.array(z.string()) }),
    event: z.never(),
  }),
  /** What the size of its kernel is made of. */
  'images.size': method({
    params: z.strictObject({
      sha256,
      vmlinux: z.uuid().nullable().describe('token of the vmlinux that it was made of'),
    }),
    reply: sizes,
    event: z.never(),
  }),
  'images.rename': method({
    params: z.strictObject({ sha256, name: z.string().max(200) }),
    reply: image,
    event: z.never(),
  }),
  /** Hides an image at once, and removes it for good when the time for undoing is over. */
  'images.remove': method({
    params: z.strictObject({ sha256 }),
    reply: z.strictObject({ undoFor: z.number().describe('milliseconds') }),
    event: z.never(),
  }),
  /** Takes back a removal. */
  'images.restore': method({
    params: z.strictObject({ sha256 }),
    reply: z.strictObject({ restored: z.boolean() }),
    event: z.never(),
  }),
  'images.flavours': method({
    params: z.strictObject({}),
    reply: z.strictObject({ flavours: z.array(flavour), processors: z.int() }),
    event: z.never(),
  }),
  'images.fragments': method({
    params: z.strictObject({}),
    reply: z.strictObject({ fragments: z.array(ownFragment) }),
    event: z.never(),
  }),
  /** Keeps a fragment, whatever is in it, and tells what is wrong with it. */
  'images.saveFragment': method({
    params: z.strictObject({ name: fragmentName, text: z.string().max(1_000_000) }),
    reply: ownFragment,
    event: z.never(),
  }),
  'images.removeFragment': method({
    params: z.strictObject({ name: fragmentName }),
    reply: z.strictObject({}),
    event: z.never(),
  }),
};

export const imagesJobs = {
  /** `file` is the token of a file the user chose or dropped (shell.ts). */
  'images.import': jobMethod({
    params: z.strictObject({ file: z.uuid(), name: z.string().optional() }),
    result: importDocument,
  }),
  'images.build': jobMethod({
    params: z.strictObject({
      flavours: z.array(z.string().regex(/^[A-Za-z0-9._-]+$/)).min(1),
      source: z
        .union([
          z.strictObject({ package: z.string().regex(/^\d+\.\d+$/) }),
          z.strictObject({ folder: z.uuid() }),
        ])
        .nullable()
        .describe('null for the newest installed linux-source package'),
      jobs: z.int().min(1).max(1024).nullable(),
      fragments: z
        .array(z.union([z.strictObject({ file: z.uuid() }), z.strictObject({ own: fragmentName })]))
        .default([])
        .describe('merged in this order: files that were chosen, and those written in the app'),
    }),
    result: buildDocument,
  }),
};
