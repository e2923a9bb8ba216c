import type { Environment } from './types.js';
import { dom0Parts } from './xen-dom0.js';

/** The kernel as dom0 in ring 3, which asks Xen by hypercalls for what only ring 0 may do. */
export const xenPvDom0: Environment = {
  name: 'xen-pv-dom0',
  summary: 'as PV dom0 under the Xen hypervisor',
  needsXen: true,
  needsFirmware: false,
  parts: (request, files) => dom0Parts(request, files),
};
