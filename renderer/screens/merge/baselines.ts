/** What else could be done with two kernels, in bytes. */
export interface Baseline {
  what: string;
  size: number;
}

/**
 * Measured by `npm run bench:merge`, as docs/multi-image.md has them: figures of these two kernels,
 * known by the sizes of their unpacked payloads, and of no others.
 */
const measured = {
  native: 17_527_288,
  xen: 15_806_540,
  baselines: [
    { what: 'native from xen: zstd -22 --patch-from', size: 874_883 },
    { what: 'native from xen: bsdiff', size: 1_021_120 },
    { what: 'native from xen: xdelta3 -9', size: 1_055_447 },
  ],
};

/** Baselines for the recipe of a multi-image; none where nobody measured these kernels. */
export function documentedBaselines(merged: {
  base: string;
  flavours: readonly { name: string; unpacked: number }[];
}): readonly Baseline[] {
  const [one, two, ...more] = merged.flavours;
  if (!one || !two || more.length > 0) return [];
  const [base, other] = one.name === merged.base ? [one, two] : [two, one];
  const isMeasured = base.unpacked === measured.xen && other.unpacked === measured.native;
  return isMeasured ? measured.baselines : [];
}
