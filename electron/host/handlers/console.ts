import { writeFile } from 'node:fs/promises';
import type { consoleMethods } from '../../../engine/contract/app/console.js';
import { reportErrors } from '../../../engine/errors/report.js';
import { consoleRequest } from '../console/request.js';
import { environmentVerdicts } from '../image-facts.js';
import type { Handlers } from '../handler.js';

export const consoleHandlers: Handlers<keyof typeof consoleMethods> = {
  'console.choices': async (context, { image }) => {
    const { database } = await context.workspace();
    const { sha256 } = await database.images.find(image);
    return { verdicts: await environmentVerdicts(context, sha256) };
  },
  'console.boot': async (context, params, { emit, signal }) => {
    const request = await consoleRequest(context, params, signal);
    await context.consoles.keep(await context.workspace(), request, emit, signal);
    return {};
  },
  'console.type': ({ consoles }, { guest, stream, bytes }) => {
    consoles.get(guest).machine.stream(stream).type(bytes);
    return {};
  },
  'console.acknowledge': ({ consoles }, { guest, stream, characters }) => {
    consoles.get(guest).machine.stream(stream).acknowledge(characters);
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
  'console.save': async ({ consoles, grants }, { guest, stream, file: token }) => {
    const file = grants.toWrite(token);
    const { text, truncated } = consoles.get(guest).machine.stream(stream).log();
    const bytes = Buffer.from(text);
    await writeFile(file, bytes).catch((cause: unknown) => {
      throw reportErrors.writeFailed({ file, reason: (cause as Error).message }, cause);
    });
    return { size: bytes.length, truncated };
  },
};
