import type { Image } from '../../../engine/contract/app/images.js';
import { count, localTime } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';

/** @param boots environments by digest, as far as they are known */
export const imageColumns = (
  boots: Readonly<Record<string, readonly string[]>>,
): readonly Column<Image>[] => [
  { id: 'name', title: 'name', width: 'minmax(160px, 1.8fr)', text: ({ name }) => name },
  { id: 'kind', title: 'kind', width: '90px', text: ({ kind }) => kind },
  { id: 'flavour', title: 'flavour', width: 'minmax(80px, 1fr)', text: flavourText },
  {
    id: 'version',
    title: 'kernel',
    width: 'minmax(80px, 1fr)',
    text: ({ kernelVersion }) => kernelVersion ?? '',
  },
  {
    ...{ id: 'boots', title: 'boots as', width: 'minmax(222px, 1fr)' },
    text: ({ sha256 }) => bootsText(boots[sha256]),
  },
  {
    ...{ id: 'config', title: 'config', width: '92px', mono: true },
    text: ({ build }) => build?.configuration.digest.slice(0, 8) ?? '',
  },
  {
    id: 'size',
    title: 'size (bytes)',
    width: '110px',
    number: true,
    text: ({ size }) => count(size),
    key: ({ size }) => size,
  },
  {
    id: 'created',
    title: 'added',
    width: '140px',
    number: true,
    text: ({ createdAt }) => localTime(createdAt),
    key: ({ createdAt }) => createdAt,
  },
];

/** `xen + native` for a multi-image, whose base comes last in the record. */
function flavourText({ flavour, parts }: Image): string {
  return flavour ?? parts.map(({ label }) => label).join(' + ');
}

/** `bare, PV dom0/U, PVH dom0/U`: short enough to be read in a column. */
export function bootsText(environments: readonly string[] | undefined): string {
  if (!environments) return '...';
  const others = environments.filter((name) => !name.startsWith('xen-'));
  const underXen = ['pv', 'pvh'].flatMap((kind) => {
    const domains = ['dom0', 'domu'].filter((one) => environments.includes(`xen-${kind}-${one}`));
    if (domains.length === 0) return [];
    const which = domains.length === 2 ? 'dom0/U' : domains[0]!.replace('u', 'U');
    return [`${kind.toUpperCase()} ${which}`];
  });
  return [...others, ...underXen].join(', ') || 'nothing';
}
