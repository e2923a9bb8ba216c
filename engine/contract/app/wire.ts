import { z } from 'zod';
import { errorBody } from './jobs.js';
import { bootFiles } from './shell.js';

/**
 * The frames between window and engine host, on one MessagePort. A request has
 * any number of events, then one reply or failure. A cancelled request is
 * answered too, with the failure `cancelled`: nothing is ever left hanging.
 */

const id = z.int().min(1);

/** Window to host. */
export const upFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request'), id, method: z.string(), params: z.unknown() }),
  z.strictObject({ kind: z.literal('cancel'), id }),
]);
export type UpFrame = z.infer<typeof upFrame>;

/** Host to window. */
export const downFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reply'), id, reply: z.unknown() }),
  z.strictObject({ kind: z.literal('failure'), id, error: errorBody }),
  z.strictObject({ kind: z.literal('event'), id, event: z.unknown() }),
  z.strictObject({ kind: z.literal('notice'), name: z.string(), notice: z.unknown() }),
]);
export type DownFrame = z.infer<typeof downFrame>;

/** What a file was chosen for; it serves for nothing else. */
export const fileUse = z.enum(['read', 'write', 'boot']);
export type FileUse = z.infer<typeof fileUse>;

/** Main to host, on the channel that Electron makes. A window's port comes with `connect`. */
export const orderFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('connect') }),
  z.strictObject({ kind: z.literal('ping'), id: z.int() }),
  z.strictObject({ kind: z.literal('grant'), token: z.uuid(), path: z.string(), use: fileUse }),
  /** What to boot with from now on. */
  z.strictObject({ kind: z.literal('boot-with'), files: bootFiles }),
  z.strictObject({ kind: z.literal('stop') }),
]);
export type OrderFrame = z.infer<typeof orderFrame>;

/** Host to main. */
export const reportFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pong'), id: z.int() }),
  z.strictObject({ kind: z.literal('granted'), token: z.uuid() }),
]);
export type ReportFrame = z.infer<typeof reportFrame>;
