import { z } from 'zod';
import { document } from './words.js';

export const completionDocument = document('completion', {
  shell: z.enum(['bash', 'zsh', 'fish']),
  script: z.string(),
});
