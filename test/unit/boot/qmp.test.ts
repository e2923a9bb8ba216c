import { createServer, type Socket } from 'node:net';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectQmp, type QmpEvent } from '../../../engine/boot/qemu/qmp.js';

const greeting = '{"QMP":{"version":{"qemu":{"major":7,"minor":2,"micro":22},"package":""}}}\n';

/** A server that speaks the wire format, in a folder whose path no socket address can hold. */
async function server(answer: (line: { execute: string; id: number }, socket: Socket) => void) {
  const root = await mkdtemp(join(tmpdir(), 'kbl-test-'));
  const folder = join(root, 'long'.repeat(30));
  await mkdir(folder);
  const short = join(root, 's');
  const listening = createServer((socket) => {
    socket.write(greeting.slice(0, 20));
    setImmediate(() => socket.write(greeting.slice(20)));
    let rest = '';
    socket.on('data', (data) => {
      const lines = (rest + data.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) answer(JSON.parse(line) as never, socket);
    });
  });
  await new Promise<void>((resolve) => listening.listen(short, resolve));
  const { rename } = await import('node:fs/promises');
  await rename(short, join(folder, 'qmp.sock'));
  onTestFinished(async () => {
    listening.close();
    await rm(root, { recursive: true });
  });
  return folder;
}

const reply = (socket: Socket, message: object) => socket.write(`${JSON.stringify(message)}\n`);
const code = (what: string) => expect.objectContaining({ code: what }) as unknown;

describe('the QMP client', () => {
  it('matches answers by id, in any order, with events in between', async () => {
    const waiting: number[] = [];
    const folder = await server(({ execute, id }, socket) => {
      if (execute === 'qmp_capabilities') return reply(socket, { return: {}, id });
      waiting.unshift(id);
      if (waiting.length < 2) return;
      reply(socket, { event: 'RESET', data: { guest: true } });
      for (const late of waiting) reply(socket, { return: `answer ${String(late)}`, id: late });
    });
    const qmp = await connectQmp(folder, 'qmp.sock', () => false);
    const events: QmpEvent[] = [];
    qmp.onEvent((event) => events.push(event));
    const answers = await Promise.all([qmp.execute('one'), qmp.execute('two')]);
    expect(answers).toEqual(['answer 2', 'answer 3']);
    expect(events).toEqual([{ event: 'RESET', data: { guest: true } }]);
    expect(qmp.version.qemu.major).toBe(7);
    qmp.close();
    await expect(qmp.execute('three')).rejects.toThrow(code('boot-qmp-closed'));
  });

  it('turns an error reply into a catalogue error', async () => {
    const folder = await server(({ execute, id }, socket) => {
      const error = { class: 'CommandNotFound', desc: 'no such command' };
      reply(socket, execute === 'qmp_capabilities' ? { return: {}, id } : { error, id });
    });
    const qmp = await connectQmp(folder, 'qmp.sock', () => false);
    await expect(qmp.execute('nonsense')).rejects.toThrow(/refused nonsense: no such command/);
    qmp.close();
  });

  it('rejects what waits when the emulator ends', async () => {
    const folder = await server(({ execute, id }, socket) => {
      if (execute === 'qmp_capabilities') reply(socket, { return: {}, id });
      else socket.destroy();
    });
    const qmp = await connectQmp(folder, 'qmp.sock', () => false);
    await expect(qmp.execute('quit')).rejects.toThrow(code('boot-qmp-closed'));
  });

  it('gives up on something that is no QMP', async () => {
    const folder = await server((_line, socket) => socket.write('HTTP/1.1 400\n'));
    await expect(connectQmp(folder, 'qmp.sock', () => false)).rejects.toThrow(
      code('boot-qmp-closed'),
    );
  });

  it('says so when nobody listens', async () => {
    await expect(connectQmp(tmpdir(), 'kbl-no-socket', () => false)).rejects.toThrow(
      code('boot-qmp-closed'),
    );
  });
});
