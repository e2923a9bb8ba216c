import { writeFile } from 'node:fs/promises';
import { plainText } from '../../../engine/boot/index.js';
import type { consoleMethods } from '../../../engine/contract/app/console.js';
import { reportErrors } from '../../../engine/errors/report.js';
import { consoleRequest } from '../console/request.js';
import type { Handlers } from '../handler.js';

export const consoleHandlers: Handlers<keyof typeof consoleMethods> = {
  'console.boot': async ({ workspace, consoles }, params, { emit, signal }) => {
    const lab = await workspace();
    await consoles.keep(lab, await consoleRequest(lab, params, signal), emit, signal);
    return {};
  },
  'console.type': ({ consoles }, { guest, bytes }) => {
    consoles.get(guest).machine.type(bytes);
    return {};
  },
  'console.acknowledge': ({ consoles }, { guest, characters }) => {
    consoles.get(guest).machine.acknowledge(characters);
    return {};
  },
  'console.pause': async ({ consoles }, { guest }) => {
    await consoles.get(guest).machine.pause();
    return {};
  },
  'console.resume': async ({ consoles }, { guest }) => {
    await consoles.get(guest).machine.resume();
    return {};
  },
  'console.reset': async ({ consoles }, { guest }) => {
    await consoles.get(guest).reset();
    return {};
  },
  'console.stop': async ({ consoles }, { guest }) => {
    await consoles.get(guest).machine.stop();
    return {};
  },
  'console.save': async ({ consoles, grants }, { guest, file: token }) => {
    const file = grants.toWrite(token);
    const { bytes, truncated } = consoles.get(guest).machine.console();
    // Not the guest's escapes: whoever reads the file with cat has a terminal too.
    const text = Buffer.from(plainText(new TextDecoder().decode(bytes)));
    await writeFile(file, text).catch((cause: unknown) => {
      throw reportErrors.writeFailed({ file, reason: (cause as Error).message }, cause);
    });
    return { size: text.length, truncated };
  },
};
