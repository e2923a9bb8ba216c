import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileLogger, isLong, logLimit, rotate } from '../../../engine/workspace/log.js';
import { testFolder } from '../../support/test-folder.js';

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').slice(0, -1);
}

test('an event is a line: time, pid, level, message, details', async () => {
  const file = join(await testFolder(), 'kbl.log');
  const log = fileLogger(file);
  log.info('built native', { seconds: 200 });
  log.warn('slow');
  log.error('failed');
  log.debug('not without --verbose');
  const lines = await linesOf(file);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \d+ info built native \{"seconds":200\}$/);
  expect(lines[0]?.split(' ')[1]).toBe(String(process.pid));
  expect(lines[1]).toMatch(/ warn slow$/);
});

test('a hostile message stays on its line and cannot steer a terminal', async () => {
  const file = join(await testFolder(), 'kbl.log');
  fileLogger(file).info('a\nb\r\u001b[2Jc\u2028d\u009b', { text: 'e\u2028f\u009bg\n' });
  const lines = await linesOf(file);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/[\p{Cc}\u2028]/u);
  expect(lines[0]).toContain('a\\u000ab\\u000d\\u001b[2Jc');
});

test('verbose logs debug events and echoes every line', async () => {
  const file = join(await testFolder(), 'kbl.log');
  const echoed: string[] = [];
  const log = fileLogger(file, { verbose: true, echo: (line) => echoed.push(line) });
  log.debug('one');
  log.error('two');
  expect(echoed).toEqual(await linesOf(file));
  expect(echoed).toHaveLength(2);
});

test('details of any kind are printed or said to be unprintable; nothing is thrown', async () => {
  const folder = await testFolder();
  const file = join(folder, 'kbl.log');
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const log = fileLogger(file);
  log.info('circle', circle);
  log.info('address', { at: 0xffffffff81000000n });
  log.info('error', { error: Object.assign(new Error('no'), { code: 'EIO' }) });
  const lines = await linesOf(file);
  expect(lines[0]).toMatch(/\{"unprintable":true\}$/);
  expect(lines[1]).toMatch(/\{"at":"0xffffffff81000000"\}$/);
  expect(lines[2]).toMatch(/"code":"EIO","message":"no"/);
  await rm(folder, { recursive: true });
  expect(() => log.error('the folder is gone')).not.toThrow();
});

test('only a long log is set aside, and writing goes on in a new one', async () => {
  const file = join(await testFolder(), 'kbl.log');
  const log = fileLogger(file);
  expect(await isLong(file)).toBe(false);
  log.info('short');
  await rotate(file);
  expect(await linesOf(file)).toHaveLength(1);
  await writeFile(file, Buffer.alloc(logLimit + 1, 'x'));
  expect(await isLong(file)).toBe(true);
  await rotate(file);
  log.info('new');
  expect(await linesOf(file)).toHaveLength(1);
  expect((await readFile(`${file}.1`)).length).toBe(logLimit + 1);
});
