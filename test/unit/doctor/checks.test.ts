import { describe, expect, it } from 'vitest';
import { judge } from '../../../engine/doctor/checks.js';
import { gatherFacts, type Facts } from '../../../engine/doctor/facts.js';
import { tools } from '../../../engine/doctor/tools.mjs';
import { testFolder } from '../../support/test-folder.js';

const GiB = 1024 ** 3;

const healthy: Facts = {
  system: 'Debian GNU/Linux 12 (bookworm)',
  node: '20.19.0',
  cpus: 2,
  memory: 8 * GiB,
  tools: Object.fromEntries(tools.map(({ id }) => [id, { path: `/bin/${id}`, version: null }])),
  preferred: {},
  qemu: { version: 'QEMU 7.2', plugins: true, sandbox: true, referenceMachine: true },
  workspace: { folder: '/home/a/lab', existing: '/home/a', writable: true, free: 50 * GiB },
};

const without = (...ids: string[]): Facts => ({
  ...healthy,
  tools: { ...healthy.tools, ...Object.fromEntries(ids.map((id) => [id, null])) },
});

const check = (facts: Facts, id: string) => judge(facts).checks.find((one) => one.id === id);

describe('judge', () => {
  it('is content with a machine that has everything', () => {
    const { ok, checks, install } = judge(healthy);
    expect(ok).toBe(true);
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(install).toEqual({ debian: null, fedora: null, arch: null });
  });

  it('names what needs a missing tool and the command for each distribution', () => {
    const facts = without('libelf');
    expect(judge(facts).ok).toBe(false);
    expect(check(facts, 'libelf')).toMatchObject({
      status: 'missing',
      required: true,
      neededBy: expect.stringContaining('objtool') as string,
      install: {
        debian: 'sudo apt-get install --no-install-recommends libelf-dev',
        fedora: 'sudo dnf install elfutils-libelf-devel',
        arch: 'sudo pacman -S --needed libelf',
      },
    });
  });

  it('installs everything with one command, each package once', () => {
    expect(judge(without('setpriv', 'prlimit', 'make')).install.debian).toBe(
      'sudo apt-get install --no-install-recommends util-linux make',
    );
  });

  it('says what to do where a distribution has no package', () => {
    const xen = check(without('xen'), 'xen');
    expect(xen?.install?.arch).toBeNull();
    expect(xen?.advice).toContain('/boot');
  });

  it('says who chose a tool, and what is wrong with a choice', () => {
    const preferred = { qemu: { path: '/opt/qemu', by: 'KBL_QEMU' } };
    const chosen = { path: '/opt/qemu', version: 'QEMU 10' };
    const facts = { ...healthy, preferred, tools: { ...healthy.tools, qemu: chosen } };
    expect(check(facts, 'qemu')).toMatchObject({ path: '/opt/qemu', chosenBy: 'KBL_QEMU' });
    expect(check(healthy, 'qemu')).toMatchObject({ path: '/bin/qemu', chosenBy: null });

    const bad = { ...without('qemu'), preferred };
    expect(judge(bad).ok).toBe(false);
    // Installing one would not help.
    expect(judge(bad).install.debian).toBeNull();
    expect(check(bad, 'qemu')).toMatchObject({
      status: 'missing',
      install: null,
      advice: expect.stringContaining('KBL_QEMU names /opt/qemu') as string,
    });
  });

  it('does not insist on compilers for npm packages: they were installed, or this would not run', () => {
    expect(judge(without('g++', 'python3')).ok).toBe(true);
  });

  it.each([
    ['node', { node: '18.20.0' }],
    ['node', { node: '20.18.3' }],
    ['qemu-plugins', { qemu: { ...healthy.qemu!, plugins: false } }],
    ['qemu-answers', { qemu: null }],
    ['workspace', { workspace: { ...healthy.workspace, writable: false } }],
  ])('requires %s', (id, change) => {
    const facts = { ...healthy, ...change };
    expect(judge(facts).ok).toBe(false);
    expect(check(facts, id)).toMatchObject({ status: 'missing', required: true });
  });

  it.each([
    ['qemu-sandbox', { qemu: { ...healthy.qemu!, sandbox: false } }],
    ['qemu-machine', { qemu: { ...healthy.qemu!, referenceMachine: false } }],
    ['disk-space', { workspace: { ...healthy.workspace, free: GiB } }],
    ['memory', { memory: GiB }],
  ])('warns of %s and goes on', (id, change) => {
    const facts = { ...healthy, ...change };
    expect(judge(facts).ok).toBe(true);
    expect(check(facts, id)).toMatchObject({ status: 'warning', required: false });
  });
});

describe('gatherFacts', () => {
  it('looks at this machine without making the workspace', async () => {
    const folder = await testFolder();
    const facts = await gatherFacts(`${folder}/not/yet`);
    expect(facts.workspace).toMatchObject({ existing: folder, writable: true });
    expect(facts.node).toBe(process.versions.node);
    expect(Object.keys(facts.tools).sort()).toEqual(tools.map(({ id }) => id).sort());
  });
});
