import { expect, test } from 'vitest';
import type { DoctorReport } from '../../../engine/contract.js';
import { installOf, troubles } from '../../../renderer/screens/images/first-start.js';

type Check = DoctorReport['checks'][number];

function missing(id: string, packages: string | null, required = true): Check {
  const line = (command: string) => (packages === null ? null : `${command} ${packages}`);
  return {
    ...{ id, required, neededBy: 'boots', status: 'missing', found: null, advice: null },
    ...{ path: null, chosenBy: null },
    install: {
      debian: line('sudo apt-get install --no-install-recommends'),
      fedora: line('sudo dnf install'),
      arch: line('sudo pacman -S --needed'),
    },
  };
}

test('what is required comes apart from the rest; what is there is left out', () => {
  const there: Check = { ...missing('make', 'make'), status: 'ok' };
  const { required, optional } = troubles([
    missing('qemu', 'q'),
    missing('zsh', 'z', false),
    there,
  ]);
  expect(required.map(({ id }) => id)).toEqual(['qemu']);
  expect(optional.map(({ id }) => id)).toEqual(['zsh']);
});

test('one command installs it all, every package once', () => {
  const checks = [
    missing('qemu', 'qemu-system-x86'),
    missing('setpriv', 'util-linux'),
    missing('prlimit', 'util-linux'),
    missing('node', null),
  ];
  expect(installOf(checks)).toEqual({
    debian: 'sudo apt-get install --no-install-recommends qemu-system-x86 util-linux',
    fedora: 'sudo dnf install qemu-system-x86 util-linux',
    arch: 'sudo pacman -S --needed qemu-system-x86 util-linux',
  });
  expect(installOf([missing('qemu', 'q')]).arch).toBe('sudo pacman -S --needed q');
  expect(installOf([missing('node', null)]).debian).toBeNull();
});
