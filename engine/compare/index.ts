/** Comparing two kernels, function by function. See docs/comparing.md. */
export { compareKernels, type ComparedKernel, type KernelComparison } from './compare.js';
export * from './types.js';
export { addressText, type SignedAddress } from '../kernel/address.js';
export type { KernelImage } from './image.js';
export type { LoadedSection } from '../kernel/sections.js';
export {
  kindFunction,
  kindObject,
  placeAt,
  placeBytes,
  type IndexIntoPlaceTable,
  type PlaceTable,
} from './places.js';
export type { FieldTable } from './fields.js';
export type { Pairing } from './pairing.js';
export type { Side } from './side.js';
export type { PatchSites, SiteTable } from './sites.js';
export { targetOffset, targetSubject, type Target, type Targets } from './targets.js';
export { functionsNamed, placeSummary, rowName, rowSizes } from './rows.js';
export { functionSource, totalsOf, type Total, type Totals } from './totals.js';
export { sideBySide, type SideBySide, type SideBySideLine } from './side-by-side.js';
export { bloatOMeter, type BloatMode } from './bloat-o-meter.js';
export { readThinArchive } from './thin-archive.js';
