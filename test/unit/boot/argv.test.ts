import { describe, expect, it } from 'vitest';
import { environments } from '../../../engine/boot/environments/index.js';
import { qemuArguments } from '../../../engine/boot/qemu/argv.js';
import { guard } from '../../../engine/boot/qemu/guard.js';
import { formatCommand, shellQuote } from '../../../engine/boot/format.js';
import type { BootRequest } from '../../../engine/boot/types.js';
import { qemu, request } from './support.js';

function composed(changes: Partial<BootRequest>, capabilities = qemu) {
  const asked = request(changes);
  const parts = environments[asked.environment].parts(asked, {
    xen: '/cache/xen-4.17',
    firmware: '/firmware/OVMF.fd',
  });
  return qemuArguments(asked, parts, capabilities);
}

/** The value after an option. */
function option(argv: string[], name: string): string | undefined {
  return argv[argv.indexOf(name) + 1];
}

const code = (what: string) => expect.objectContaining({ code: what }) as unknown;

describe('serial lines of their own for Xen and dom0', () => {
  const own = { environment: 'xen-pv-dom0', console: 'interactive', ownLines: true } as const;

  it('are two, the first of them Xen’s', () => {
    const { argv } = composed(own);
    const serial = argv.filter((_, i) => argv[i - 1] === '-serial');
    expect(serial).toEqual(['chardev:hypervisor', 'chardev:console']);
    expect(argv).toContain('socket,id=hypervisor,path=hypervisor.sock,server=on,wait=on');
    expect(option(argv, '-initrd')).toMatch(/^kernel console=hvc1 console=ttyS1 panic=-1 /);
    expect(option(argv, '-append')).toContain('console=com1 com1=115200,8n1');
    expect(option(argv, '-append')).toContain('conswitch=ax');
  });

  it('are two for a PVH dom0 too', () => {
    const { argv } = composed({ ...own, environment: 'xen-pvh-dom0' });
    expect(argv.filter((word) => word === '-serial')).toHaveLength(2);
    expect(option(argv, '-append')).toContain('dom0=pvh iommu=on conswitch=ax');
  });

  it('change nothing where there is no hypervisor', () => {
    expect(composed({ ...own, environment: 'bare' })).toEqual(
      composed({ environment: 'bare', console: 'interactive' }),
    );
  });

  it('are refused to a boot that is measured', () => {
    expect(() => composed({ ...own, console: 'batch' })).toThrow(code('boot-request-invalid'));
  });
});

describe('the arguments of QEMU', () => {
  it('are these on bare hardware', () => {
    expect(composed({ append: 'quiet' })).toMatchInlineSnapshot(`
      {
        "argv": [
          "-accel",
          "tcg",
          "-icount",
          "shift=0,sleep=off",
          "-rtc",
          "base=2020-01-01,clock=vm",
          "-seed",
          "1",
          "-nodefaults",
          "-no-user-config",
          "-no-reboot",
          "-display",
          "none",
          "-monitor",
          "none",
          "-net",
          "none",
          "-machine",
          "pc-i440fx-7.2",
          "-cpu",
          "qemu64",
          "-smp",
          "1",
          "-m",
          "768",
          "-sandbox",
          "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
          "-chardev",
          "file,id=console,path=console.log",
          "-serial",
          "chardev:console",
          "-chardev",
          "socket,id=qmp,path=qmp.sock,server=on,wait=off",
          "-mon",
          "chardev=qmp,mode=control",
          "-d",
          "cpu_reset",
          "-D",
          "qemu.log",
          "-kernel",
          "kernel",
          "-initrd",
          "initrd",
          "-append",
          "console=ttyS0 panic=-1 nokaslr norandmaps quiet",
        ],
        "links": {
          "initrd": "/images/initrd",
          "kernel": "/images/native, first/bzImage",
        },
        "warnings": [],
      }
    `);
  });

  it('are these as dom0 with a counter plugin', () => {
    const plugin = { library: '/lib/counter.so', arguments: { out: 'counts,1', mode: 'inline' } };
    expect(composed({ environment: 'xen-pv-dom0', plugin })).toMatchInlineSnapshot(`
      {
        "argv": [
          "-accel",
          "tcg",
          "-icount",
          "shift=0,sleep=off",
          "-rtc",
          "base=2020-01-01,clock=vm",
          "-seed",
          "1",
          "-nodefaults",
          "-no-user-config",
          "-no-reboot",
          "-display",
          "none",
          "-monitor",
          "none",
          "-net",
          "none",
          "-machine",
          "pc-i440fx-7.2",
          "-cpu",
          "qemu64",
          "-smp",
          "1",
          "-m",
          "768",
          "-sandbox",
          "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
          "-chardev",
          "file,id=console,path=console.log",
          "-serial",
          "chardev:console",
          "-chardev",
          "socket,id=qmp,path=qmp.sock,server=on,wait=off",
          "-mon",
          "chardev=qmp,mode=control",
          "-d",
          "cpu_reset",
          "-D",
          "qemu.log",
          "-plugin",
          "file=./plugin.so,out=counts,,1,mode=inline",
          "-kernel",
          "xen",
          "-initrd",
          "kernel console=hvc0 panic=-1 nokaslr norandmaps,initrd",
          "-append",
          "console=com1 com1=115200,8n1 dom0_mem=384M noreboot",
        ],
        "links": {
          "initrd": "/images/initrd",
          "kernel": "/images/native, first/bzImage",
          "plugin.so": "/lib/counter.so",
          "xen": "/cache/xen-4.17",
        },
        "warnings": [],
      }
    `);
  });

  it('are those of bare hardware under UEFI, but for the firmware', () => {
    const uefi = composed({ environment: 'uefi' });
    expect(option(uefi.argv, '-bios')).toBe('firmware');
    expect(uefi.links).toMatchObject({ firmware: '/firmware/OVMF.fd' });
    const others = uefi.argv.filter((word) => word !== '-bios' && word !== 'firmware');
    expect(others).toEqual(composed({}).argv);
  });

  it('are those of a PV dom0 as PVH dom0, but for the machine and what Xen is told', () => {
    const { argv, links } = composed({ environment: 'xen-pvh-dom0' });
    const pv = composed({ environment: 'xen-pv-dom0' });
    expect(links).toEqual(pv.links);
    expect(argv.filter((word) => !pv.argv.includes(word))).toEqual([
      'pc-q35-7.2',
      'qemu64,+npt',
      '-device',
      'amd-iommu',
      'console=com1 com1=115200,8n1 dom0_mem=384M noreboot dom0=pvh iommu=on',
    ]);
  });

  it('name no path of the machine, so that equal runs have equal arguments', () => {
    const one = composed({ environment: 'xen-pv-dom0', kernel: '/a', folder: '/x' }).argv;
    const other = composed({ environment: 'xen-pv-dom0', kernel: '/b/c', folder: '/y' }).argv;
    expect(one).toEqual(other);
    expect(one.filter((word) => word.startsWith('/'))).toEqual([]);
  });

  it('confine the emulator', () => {
    expect(option(composed({}).argv, '-sandbox')).toBe(
      'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    );
  });

  it('keep a batch console from its reader, and give an interactive one to a terminal', () => {
    expect(option(composed({}).argv, '-chardev')).toMatch(/^file,/);
    expect(option(composed({ console: 'interactive' }).argv, '-chardev')).toMatch(/^stdio,/);
  });

  it('keep a machine that powers off, where it is to be looked at', () => {
    expect(composed({}).argv).not.toContain('-no-shutdown');
    expect(composed({ atShutdown: 'pause' }).argv).toContain('-no-shutdown');
  });

  it('let the clock of an interactive guest wait while it idles, and jump in a batch', () => {
    expect(option(composed({ console: 'batch' }).argv, '-icount')).toBe('shift=0,sleep=off');
    expect(option(composed({ console: 'interactive' }).argv, '-icount')).toBe('shift=0,sleep=on');
  });

  it('double the commas of a dom0 command line, which stands in a list of modules', () => {
    const { argv } = composed({ environment: 'xen-pv-dom0', append: 'earlyprintk=xen,keep' });
    expect(option(argv, '-initrd')).toContain('earlyprintk=xen,,keep,initrd');
  });

  it('fall back with a word where the QEMU lacks something', () => {
    const poor = { ...qemu, sandbox: false, machines: ['pc', 'q35'] };
    const { argv, warnings } = composed({}, poor);
    expect(option(argv, '-machine')).toBe('pc');
    expect(argv).not.toContain('-sandbox');
    expect(warnings).toHaveLength(2);
  });

  it('refuse to measure, not to boot, without TCG plugins', () => {
    const poor = { ...qemu, plugins: false };
    const plugin = { library: '/lib/counter.so', arguments: {} };
    expect(() => composed({}, poor)).not.toThrow();
    expect(() => composed({ plugin }, poor)).toThrow(code('boot-plugin-unsupported'));
  });

  it.each([
    ['a line break in the command line', { append: 'a\nb' }],
    ['a command line that the kernel would cut', { append: 'x'.repeat(2048) }],
    ['an option smuggled in as CPU model', { machine: { cpu: '', memory: 768, dom0Memory: 384 } }],
    ['no memory', { machine: { cpu: 'qemu64', memory: 0, dom0Memory: 384 } }],
    ['half a mebibyte', { machine: { cpu: 'qemu64', memory: 512.5, dom0Memory: 384 } }],
    [
      'a dom0 that leaves nothing for Xen',
      {
        environment: 'xen-pv-dom0' as const,
        machine: { cpu: 'qemu64', memory: 384, dom0Memory: 384 },
      },
    ],
    [
      "words beyond Xen's buffer",
      { environment: 'xen-pv-dom0' as const, xenAppend: 'x'.repeat(1000) },
    ],
    ['a strange plugin key', { plugin: { library: '/p', arguments: { 'a,b': '1' } } }],
  ])('refuse %s', (_what, changes) => {
    expect(() => composed(changes)).toThrow(code('boot-request-invalid'));
  });
});

describe('the guard', () => {
  const tools = { setpriv: '/usr/bin/setpriv', prlimit: '/usr/bin/prlimit' };

  it('ties QEMU to us and limits it', () => {
    expect(guard(tools, 768, 60_000).words.join(' ')).toMatchInlineSnapshot(
      `"/usr/bin/setpriv --pdeathsig KILL -- /usr/bin/prlimit --core=0 --as=5100273664 --fsize=1073741824 --cpu=180 --"`,
    );
  });

  it('says what is missing', () => {
    const without = guard({}, 768, undefined);
    expect(without.words).toEqual([]);
    expect(without.warnings).toHaveLength(2);
  });
});

describe('formatCommand', () => {
  it('is a pasteable script', () => {
    const { argv, links } = composed({ append: "name='a b'" });
    const script = formatCommand({
      program: '/usr/bin/qemu',
      argv,
      guard: ['setpriv', '--'],
      folder: '/runs/my run',
      links,
      kernelCommandLine: '',
      versions: { emulator: '' },
      warnings: [],
    });
    expect(script).toMatchInlineSnapshot(`
      "mkdir -p '/runs/my run'
      ln -sfn '/images/native, first/bzImage' '/runs/my run/kernel'
      ln -sfn /images/initrd '/runs/my run/initrd'
      cd '/runs/my run'
      setpriv -- /usr/bin/qemu \\
        -accel tcg \\
        -icount shift=0,sleep=off \\
        -rtc base=2020-01-01,clock=vm \\
        -seed 1 \\
        -nodefaults \\
        -no-user-config \\
        -no-reboot \\
        -display none \\
        -monitor none \\
        -net none \\
        -machine pc-i440fx-7.2 \\
        -cpu qemu64 \\
        -smp 1 \\
        -m 768 \\
        -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \\
        -chardev file,id=console,path=console.log \\
        -serial chardev:console \\
        -chardev socket,id=qmp,path=qmp.sock,server=on,wait=off \\
        -mon chardev=qmp,mode=control \\
        -d cpu_reset \\
        -D qemu.log \\
        -kernel kernel \\
        -initrd initrd \\
        -append 'console=ttyS0 panic=-1 nokaslr norandmaps name='\\''a b'\\'''
      "
    `);
  });

  it.each(["it's", '', '$(x)', 'a b', '~', '*', '#', 'ü', "''", 'a\\b', '-x,y=z'])(
    'quotes %j so that a shell reads it back',
    async (word) => {
      const { execFileSync } = await import('node:child_process');
      const echoed = execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`]).toString();
      expect(echoed).toBe(word);
    },
  );
});
