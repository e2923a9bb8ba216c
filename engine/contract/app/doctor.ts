import { z } from 'zod';
import { doctorDocument } from '../../contract.js';
import { method } from './method.js';

export const doctorMethods = {
  'doctor.check': method({ params: z.strictObject({}), reply: doctorDocument, event: z.never() }),
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
