import type { EnvironmentName } from '../types.js';
import { bare } from './bare.js';
import type { Environment } from './types.js';
import { uefi } from './uefi.js';
import { xenPvDom0 } from './xen-pv-dom0.js';
import { xenPvhDom0 } from './xen-pvh-dom0.js';

/** Every environment by its name. */
export const environments: Readonly<Record<EnvironmentName, Environment>> = {
  bare,
  'xen-pv-dom0': xenPvDom0,
  'xen-pvh-dom0': xenPvhDom0,
  uefi,
};

export type { Environment } from './types.js';
