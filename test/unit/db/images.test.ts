import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLabDatabase, type LabDatabase } from '../../../db/lab-database.js';
import { testFolder } from '../../support/test-folder.js';
import { buildRecord, newImage, sha256 } from '../../support/workspace-records.js';

async function openTest(): Promise<LabDatabase> {
  const database = await openLabDatabase(join(await testFolder(), 'lab.sqlite'));
  onTestFinished(() => database.close());
  return database;
}

test('an image comes back as it was saved', async () => {
  const { images } = await openTest();
  const image = newImage('multi', {
    kind: 'merged',
    flavour: 'xen',
    kernelVersion: '6.1.192',
    parts: [{ label: 'native', sha256: sha256('native') }],
    origin: '/boot/vmlinuz "quoted" 🐧',
  });
  const saved = await images.save(image);
  expect(saved).toMatchObject(image);
  expect(new Date(saved.createdAt).toISOString()).toBe(saved.createdAt);
  expect(await images.bySha256(image.sha256)).toEqual(saved);
  expect(await images.list()).toEqual([saved]);
  expect(await images.bySha256(sha256('other'))).toBeUndefined();
});

test('the same bytes are the same image: name kept, unknowns filled in', async () => {
  const { images } = await openTest();
  const build = buildRecord('key');
  const imported = await images.save(newImage('vmlinuz', { origin: '/boot/vmlinuz' }));
  const built = await images.save(
    newImage('native-6.1.192', {
      sha256: imported.sha256,
      kind: 'built',
      flavour: 'native',
      kernelVersion: '6.1.192',
      build,
    }),
  );
  expect(built).toEqual({
    ...imported,
    kind: 'built',
    flavour: 'native',
    kernelVersion: '6.1.192',
    build,
  });
  // Importing the built file again takes nothing away.
  expect(await images.save(newImage('again', { sha256: imported.sha256 }))).toEqual(built);
});

test('an image is found by name, digest, or enough digits of it', async () => {
  const { images } = await openTest();
  const one = await images.save(newImage('one', { sha256: `abcd1${'0'.repeat(59)}` }));
  const two = await images.save(newImage('two', { sha256: `abcd2${'0'.repeat(59)}` }));
  const digits = await images.save(newImage('abcd1', { sha256: 'f'.repeat(64) }));
  expect(await images.find('two')).toEqual(two);
  expect(await images.find(one.sha256)).toEqual(one);
  expect(await images.find('ABCD2')).toEqual(two);
  expect(await images.find('abcd1')).toEqual(digits);
  expect(await images.find('abcd10')).toEqual(one);
  await expect(images.find('abcd')).rejects.toMatchObject({
    code: 'image-ambiguous',
    message: '"abcd" may mean any of one, two',
  });
  for (const reference of ['fff', 'nothing', 'abce', '%', "' OR 1=1 --", '', `${one.sha256}0`]) {
    await expect(images.find(reference)).rejects.toMatchObject({ code: 'image-unknown' });
  }
});

test('a taken name is refused, or numbered when asked', async () => {
  const { images } = await openTest();
  await images.save(newImage('native'));
  const other = newImage('native', { sha256: sha256('other') });
  await expect(images.save(other)).rejects.toMatchObject({ code: 'name-taken', kind: 'usage' });
  expect(await images.list()).toHaveLength(1);
  expect((await images.save(other, { ifNameTaken: 'number' })).name).toBe('native-2');
  const third = newImage('native', { sha256: sha256('third') });
  expect((await images.save(third, { ifNameTaken: 'number' })).name).toBe('native-3');
});

test.each(['', '  ', 'a\nb', 'a\0b', '\u001b[31m', 'x'.repeat(201), '-x', 'a/b'])(
  'the name %j is refused',
  async (name) => {
    const { images } = await openTest();
    await expect(images.save(newImage(name))).rejects.toMatchObject({ code: 'name-invalid' });
    expect(await images.list()).toEqual([]);
  },
);

test('an image can be renamed, but not to a taken name', async () => {
  const { images } = await openTest();
  const one = await images.save(newImage('one'));
  await images.save(newImage('two'));
  expect(await images.rename(one.sha256, 'uno 🐧')).toEqual({ ...one, name: 'uno 🐧' });
  expect(await images.rename(one.sha256, 'uno 🐧')).toEqual({ ...one, name: 'uno 🐧' });
  await expect(images.rename(one.sha256, 'two')).rejects.toMatchObject({ code: 'name-taken' });
  await expect(images.rename(sha256('x'), 'x')).rejects.toMatchObject({ code: 'image-unknown' });
});

test('builds are found by key; two keys may give one image, and a key moves with its last build', async () => {
  const { images } = await openTest();
  const [first, second] = [buildRecord('first'), buildRecord('second')];
  await images.save(newImage('native', { kind: 'built', build: first }));
  const image = await images.save(newImage('native', { kind: 'built', build: second }));
  expect(image.build).toEqual(second);
  expect(await images.byBuildKey(first.key)).toEqual({ image, build: first });
  expect(await images.byBuildKey(second.key)).toEqual({ image, build: second });
  expect(await images.byBuildKey(sha256('unknown'))).toBeUndefined();

  const rebuilt = await images.save(newImage('other', { kind: 'built', build: first }));
  expect((await images.byBuildKey(first.key))?.image).toEqual(rebuilt);
});

test('a removed image is gone with its builds', async () => {
  const { images } = await openTest();
  const build = buildRecord('key');
  const { sha256: digest } = await images.save(newImage('native', { kind: 'built', build }));
  await images.remove(digest);
  expect(await images.list()).toEqual([]);
  expect(await images.byBuildKey(build.key)).toBeUndefined();
});

test('numbers that would be stored wrong are refused, also inside JSON', async () => {
  const { images } = await openTest();
  await expect(images.save(newImage('big', { size: 2 ** 53 }))).rejects.toThrow(RangeError);
  const build = { ...buildRecord('key'), wall: NaN };
  await expect(images.save(newImage('nan', { build }))).rejects.toThrow(RangeError);
  expect(await images.list()).toEqual([]);
});
