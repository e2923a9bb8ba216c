import { expect, test } from 'vitest';
import { bootsText } from '../../../renderer/screens/images/columns.js';

test.each([
  [undefined, '...'],
  [[], 'nothing'],
  [['bare'], 'bare'],
  [['bare', 'xen-pv-domu'], 'bare, PV domU'],
  [['xen-pvh-dom0', 'xen-pv-dom0', 'xen-pv-domu'], 'PV dom0/U, PVH dom0'],
])('%j reads %s', (environments, text) => {
  expect(bootsText(environments)).toBe(text);
});
