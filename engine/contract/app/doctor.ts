import { z } from 'zod';
import { doctorDocument } from '../../contract.js';
import { method } from './method.js';
import { bootFile } from './shell.js';

export const doctorMethods = {
  'doctor.check': method({ params: z.strictObject({}), reply: doctorDocument, event: z.never() }),
  /** What a chosen file is; fails where nothing can be booted with it. */
  'doctor.tryFile': method({
    params: z.strictObject({ file: bootFile, token: z.uuid() }),
    reply: z.strictObject({ found: z.string() }),
    event: z.never(),
  }),
  'lab.status': method({
    params: z.strictObject({}),
    reply: z.strictObject({
      workspace: z.string().describe('its folder'),
      images: z.int(),
      experiments: z.int(),
    }),
    event: z.never(),
  }),
};
