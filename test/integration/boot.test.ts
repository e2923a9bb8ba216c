import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createQemu,
  defaultMachine,
  formatCommand,
  lastLines,
  xenBanner,
  type BootRequest,
  type BootResult,
} from '../../engine/boot/index.js';
import { runFiles } from '../../engine/boot/qemu/argv.js';
import type { ProgressEvent } from '../../engine/progress.js';
import { argumentPlugin } from '../support/argument-plugin.js';
import { testKernel } from '../support/kernels.js';
import { oopsKernel, tinyInitrd, machineCode } from '../support/tiny-guest.js';

const native = testKernel('native');
const xen = testKernel('xen');
const root = mkdtempSync(join(tmpdir(), 'kbl-boot-'));
const qemu = createQemu({ cacheFolder: join(root, 'cache') });
const damagedInitrd = join(root, 'damaged');

beforeAll(() => writeFileSync(damagedInitrd, 'no archive'.repeat(500)));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function request(changes: Partial<BootRequest>): BootRequest {
  return {
    environment: 'bare',
    kernel: changes.environment?.startsWith('xen-') ? xen.bzImage : native.bzImage,
    initrd: tinyInitrd(root, 'count'),
    machine: defaultMachine,
    console: 'batch',
    folder: mkdtempSync(join(root, 'run-')),
    timeout: 5 * 60_000,
    ...changes,
  };
}

async function boot(changes: Partial<BootRequest>): Promise<BootResult> {
  return (await qemu.start(request(changes))).done;
}

const text = (result: BootResult): string => Buffer.from(result.console).toString('latin1');
const stamps = (result: BootResult): string[] => text(result).match(/^tsc \d+/gm) ?? [];

describe('a boot', () => {
  it('completes on bare hardware, the same with QMP asking all the time', async () => {
    const plain = await boot({});
    expect(plain.outcome).toBe('completed');
    expect(plain.command.warnings).toEqual([]);
    expect(stamps(plain)).toHaveLength(2);

    const guest = await qemu.start(request({}));
    const qmp = await guest.qmp();
    const events: string[] = [];
    qmp.onEvent(({ event, data }) => events.push(`${event} ${String(data['reason'])}`));
    const registers = { 'command-line': 'info registers' };
    const asking = (async () => {
      for (let answers = 0; ; answers++) {
        const answer = await qmp.execute('human-monitor-command', registers).catch(() => undefined);
        if (answer === undefined) return answers;
      }
    })();
    const asked = await guest.done;
    expect(await asking).toBeGreaterThan(100);
    expect(events).toEqual(['SHUTDOWN guest-shutdown']);
    expect(text(asked)).toBe(text(plain));
  });

  it('completes as dom0, the same from another folder and file name', async () => {
    const environment = 'xen-pv-dom0' as const;
    const plain = await boot({ environment });
    expect(plain.outcome).toBe('completed');
    expect(xenBanner(text(plain))).toMatch(new RegExp(`^${plain.command.versions.xen ?? ''}`));
    const folder = mkdtempSync(join(root, 'another, longer folder name, with commas '));
    const kernel = join(folder, 'vmlinuz of mine, the second');
    writeFileSync(kernel, readFileSync(xen.bzImage));
    const elsewhere = await boot({ environment, folder, kernel });
    expect(elsewhere.command.argv).toEqual(plain.command.argv);
    expect(text(elsewhere)).toBe(text(plain));
  });

  it('gives every line as progress, and every byte to a listener', async () => {
    const events: ProgressEvent[] = [];
    const guest = await qemu.start(request({}), { onProgress: (event) => events.push(event) });
    const heard: Uint8Array[] = [];
    guest.onConsole((bytes) => heard.push(bytes));
    const result = await guest.done;
    expect(Buffer.concat(heard)).toEqual(Buffer.from(result.console));
    expect(events[0]).toMatchObject({ kind: 'start', title: 'boot as bare' });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'line', text: 'KBL-DONE' }));
    expect(events.at(-1)).toMatchObject({ kind: 'end', result: 'done' });
  });
});

describe('the outcome', () => {
  it('kernel panic, bare', async () => {
    const result = await boot({ initrd: damagedInitrd });
    expect(result).toMatchObject({
      outcome: 'kernel-panic',
      evidence: expect.stringMatching(/No working init found/) as string,
    });
  });

  it('kernel panic, as dom0, where Xen does not reboot', async () => {
    const result = await boot({ environment: 'xen-pv-dom0', initrd: damagedInitrd });
    expect(result.outcome).toBe('kernel-panic');
    expect(lastLines(result.console, 1)[0]).toMatch(/Hardware Dom0 crashed/);
  });

  it('kernel panic of a kernel that loops instead of resetting', async () => {
    const result = await boot({ initrd: damagedInitrd, append: 'panic=0' });
    expect(result.outcome).toBe('kernel-panic');
  });

  it('kernel oops, though init goes on and is done', async () => {
    const kernel = oopsKernel(root, native);
    const result = await boot({ kernel, initrd: tinyInitrd(root, 'childOops') });
    expect(result).toMatchObject({
      outcome: 'kernel-oops',
      evidence: expect.stringMatching(/^invalid opcode: 0000 \[#1\]/) as string,
    });
  });

  it('Xen panic: a kernel without Xen notes', async () => {
    const result = await boot({ environment: 'xen-pv-dom0', kernel: native.bzImage });
    expect(result).toMatchObject({
      outcome: 'xen-panic',
      evidence: 'Panic on CPU 0: Could not construct domain 0',
    });
  });

  it('triple fault', async () => {
    const result = await boot({ kernel: machineCode(root, 'lidt table; int3') });
    expect(result.outcome).toBe('triple-fault');
  });

  it('stopped early', async () => {
    expect((await boot({ initrd: tinyInitrd(root, 'off') })).outcome).toBe('stopped-early');
  });

  it('completed by a guest that does not power off', async () => {
    const result = await boot({ initrd: tinyInitrd(root, 'stay') });
    expect(result.outcome).toBe('completed');
    expect(result.evidence).toMatch(/did not power off/);
  });

  it('another done line', async () => {
    const result = await boot({ initrd: tinyInitrd(root, 'off'), doneLine: 'off' });
    expect(result.outcome).toBe('completed');
  });

  it('silence', async () => {
    const result = await boot({ initrd: tinyInitrd(root, 'busy'), silence: 10_000 });
    expect(result.outcome).toBe('silence');
    expect(text(result)).toMatch(/^busy/m);
  });

  it('silence of a machine that sleeps for ever, without waiting for a limit', async () => {
    const result = await boot({ kernel: machineCode(root, 'cli; hlt') });
    expect(result.outcome).toBe('silence');
    expect(result.evidence).toMatch(/halted with interrupts off/);
  });

  it('timeout', async () => {
    const result = await boot({ initrd: tinyInitrd(root, 'busy'), timeout: 3_000 });
    expect(result.outcome).toBe('timeout');
  });

  it('console flood, on a disk that stays free', async () => {
    const asked = request({ initrd: tinyInitrd(root, 'flood'), flood: 256 * 1024 });
    const result = await (await qemu.start(asked)).done;
    expect(result.outcome).toBe('console-flood');
    expect(result.console.length).toBeGreaterThan(256 * 1024);
    expect(statSync(join(asked.folder, runFiles.console)).size).toBeLessThan(16 * 1024 * 1024);
  });

  it('cancelled, by signal and by stop()', async () => {
    const abort = new AbortController();
    const guest = await qemu.start(request({}), { signal: abort.signal });
    abort.abort();
    expect((await guest.done).outcome).toBe('cancelled');

    const other = await qemu.start(request({}));
    await other.stop();
    expect((await other.done).outcome).toBe('cancelled');
    await other.stop();
    expect(() => process.kill(other.pid, 0)).toThrow();
  });

  it('emulator failed, with its own words', async () => {
    const result = await boot({ kernel: damagedInitrd });
    expect(result.outcome).toBe('emulator-failed');
    expect(result.evidence).toMatch(/status 1: .*kernel/);
  });
});

describe('the emulator', () => {
  it('is confined and limited', async () => {
    const guest = await qemu.start(request({}));
    try {
      expect(guest.command.argv).toContain('-sandbox');
      const status = (): string => readFileSync(`/proc/${guest.pid}/status`, 'utf8');
      await expect.poll(status, { timeout: 20_000 }).toMatch(/^Seccomp:\t2$/m);
      const limits = readFileSync(`/proc/${guest.pid}/limits`, 'utf8');
      expect(limits).toMatch(/^Max core file size +0 +0 /m);
      expect(limits).toMatch(/^Max address space +\d+ +\d+ /m);
      expect(limits).toMatch(/^Max cpu time +\d+ +\d+ /m);
      // In a process group of its own: a Ctrl-C at our terminal is ours to handle.
      expect(readFileSync(`/proc/${guest.pid}/stat`, 'utf8').split(' ')[4]).toBe(`${guest.pid}`);
    } finally {
      await guest.stop();
    }
  });

  it('gets a plugin from any path, with arguments unchanged', async () => {
    const library = argumentPlugin(root);
    const plugin = { library, arguments: { out: 'arguments.txt', words: 'a,b=c, "d"' } };
    const asked = request({ plugin });
    expect((await (await qemu.start(asked)).done).outcome).toBe('completed');
    const got = readFileSync(join(asked.folder, 'arguments.txt'), 'utf8');
    expect(got).toBe('out=arguments.txt\nwords=a,b=c, "d"\n');
  });

  it('refuses before it starts', async () => {
    await expect(qemu.command(request({ kernel: '/nowhere' }))).rejects.toThrow(
      expect.objectContaining({ code: 'file-missing' }),
    );
    const none = createQemu({ cacheFolder: root, program: 'qemu-system-of-nobody' });
    await expect(none.version()).rejects.toThrow(
      expect.objectContaining({ code: 'boot-qemu-missing' }),
    );
    const noXen = createQemu({ cacheFolder: root, xenFolder: root });
    await expect(noXen.command(request({ environment: 'xen-pv-dom0' }))).rejects.toThrow(
      expect.objectContaining({ code: 'boot-xen-missing' }),
    );
    const other = createQemu({ cacheFolder: root, program: '/bin/cat' });
    await expect(other.version()).rejects.toThrow(
      expect.objectContaining({ code: 'boot-qemu-unusable' }),
    );
  });

  it('boots the same from the printed command', async () => {
    const { execFileSync } = await import('node:child_process');
    const result = await boot({});
    const asked = request({});
    execFileSync('sh', ['-c', formatCommand(await qemu.command(asked))]);
    const console = readFileSync(join(asked.folder, runFiles.console));
    expect(console.equals(result.console)).toBe(true);
  });
});

describe.each(['xen-pv-dom0', 'xen-pvh-dom0'] as const)(
  'Xen and %s on lines of their own',
  (environment) => {
    it('are heard and typed at apart, and nothing of the one is on the other’s line', async () => {
      const guest = await qemu.start(
        request({
          environment,
          initrd: tinyInitrd(root, 'echo'),
          console: 'interactive',
          ownLines: true,
        }),
      );
      const { hypervisor } = guest;
      const said = { guest: '', hypervisor: '' };
      guest.onConsole((bytes) => (said.guest += Buffer.from(bytes).toString('latin1')));
      hypervisor?.onConsole((bytes) => (said.hypervisor += Buffer.from(bytes).toString('latin1')));
      await expect.poll(() => said.guest, { timeout: 120_000 }).toContain('echo ready');
      hypervisor?.write(Buffer.from('h'));
      await expect.poll(() => said.hypervisor, { timeout: 60_000 }).toContain('show this message');
      guest.write(Buffer.from('anyone there\n'));
      await expect.poll(() => said.guest, { timeout: 60_000 }).toMatch(/(anyone there\s+){2}/);
      guest.write(Buffer.from('bye\n'));
      const result = await guest.done;
      expect(result).toMatchObject({ outcome: 'completed', stderr: '' });
      expect(said.guest).toContain('Linux version');
      expect(said.guest).not.toContain('(XEN)');
      expect(said.hypervisor).toMatch(/^\(XEN\) Xen version 4\./m);
      expect(said.hypervisor).not.toContain('Linux version');
      expect(Buffer.from(hypervisor!.console().bytes).toString('latin1')).toBe(said.hypervisor);
    });
  },
);
