import type { EnvironmentName } from '../types.js';
import { bare } from './bare.js';
import type { Environment } from './types.js';
import { uefi } from './uefi.js';
import { xenPvDom0 } from './xen-pv-dom0.js';

/** Every environment by its name, in the order in which they are offered. */
export const environments: Readonly<Record<EnvironmentName, Environment>> = {
  bare,
  'xen-pv-dom0': xenPvDom0,
  uefi,
};

export const environmentNames = Object.keys(environments) as EnvironmentName[];

export type { Environment } from './types.js';
