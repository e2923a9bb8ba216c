import type { Description, Image } from '../../../engine/contract/app/images.js';
import { count } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';

/** A tab of an image's details: rows of text under titles; columns that hold figures are named. */
export interface DetailTab {
  readonly title: string;
  readonly columns: readonly string[];
  readonly figures?: readonly number[];
  readonly rows: readonly (readonly string[])[];
}

const environmentWords: Readonly<Record<string, string>> = {
  bare: 'on hardware, or a machine emulated like it',
  'xen-pv-dom0': "Xen's privileged guest, paravirtualised",
  'xen-pv-domu': 'a paravirtualised guest of Xen',
  'xen-pvh-dom0': "Xen's privileged guest, with the processor's virtualisation",
  'xen-pvh-domu': "a guest of Xen with the processor's virtualisation",
};

const spaceWords: Readonly<Record<Description['entries'][number]['space'], string>> = {
  file: 'offset in the file',
  physical: 'physical address',
  virtual: 'virtual address',
  loaded: 'behind the loaded code',
};

/** What an image is, as tabs; those that would say nothing are left out. Pure. */
export function detailTabs(image: Image, description: Description): DetailTab[] {
  const tabs: DetailTab[] = [
    { title: 'Overview', columns: ['property', 'value'], rows: overview(image, description) },
    {
      title: 'Boots as',
      columns: ['environment', 'boots', 'what that is', 'why'],
      rows: description.bootsAs.map(({ environment, boots, reason }) => [
        ...[environment, boots ? 'yes' : 'no', environmentWords[environment] ?? ''],
        reason,
      ]),
    },
    {
      title: 'Setup header',
      columns: ['field', 'offset', 'value', 'use'],
      rows: (description.setup?.fields ?? []).map(({ name, offset, value, use }) => [
        name,
        `0x${offset.toString(16)}`,
        value,
        use,
      ]),
    },
    {
      title: 'Entries',
      columns: ['entry', 'address', 'of', 'who enters there'],
      rows: description.entries.map(({ name, address, space, by }) => [
        ...[name, address, spaceWords[space]],
        by,
      ]),
    },
    {
      title: 'Sections',
      columns: ['section', 'type', 'flags', 'address', 'offset', 'size (bytes)'],
      figures: [5],
      rows: (description.kernel?.sections ?? []).map((section) => [
        ...[section.name, section.type, section.flags, section.address],
        ...[`0x${section.offset.toString(16)}`, count(section.size)],
      ]),
    },
    {
      title: 'Notes',
      columns: ['owner', 'note', 'value'],
      rows: (description.kernel?.notes ?? []).map(({ owner, name, value }) => [
        ...[owner, name, value],
      ]),
    },
    {
      title: 'EFI sections',
      columns: ['section'],
      rows: (description.efi?.sections ?? []).map((section) => [section]),
    },
    {
      title: 'Flavours',
      columns: ['flavour', 'stored as', 'recipe (bytes)', 'unpacked (bytes)', 'intact'],
      figures: [2, 3],
      rows: (description.multiImage?.flavours ?? []).map((flavour) => [
        flavour.name,
        flavour.stored,
        count(flavour.recipeSize),
        count(flavour.unpackedSize),
        flavour.intact ? 'yes' : (flavour.problem ?? 'no'),
      ]),
    },
  ];
  return tabs.filter(({ rows }) => rows.length > 0);
}

function overview(
  image: Image,
  { container, setup, payload, kernel, problem }: Description,
): string[][] {
  const rows: (readonly [string, string | null | undefined])[] = [
    ['problem', problem && `${problem.message} (${problem.hint})`],
    ['kind', `${image.kind} ${container}`],
    ['kernel', kernel?.banner ?? setup?.kernelVersion ?? image.kernelVersion],
    ['size', `${count(image.size)} bytes`],
    ['SHA-256', image.sha256],
    ['from', image.origin],
    ['configuration', image.build?.configuration.digest],
    ['features under Xen', kernel?.xenFeatures.join(', ')],
    ['boot protocol', setup?.protocol],
    ['payload', payload && `${payload.codec}, ${count(payload.size)} bytes`],
    [
      'payload unpacked',
      (payload?.unpackedSize ?? null) === null
        ? null
        : `${count(payload?.unpackedSize ?? 0)} bytes`,
    ],
    ['entry', kernel?.entry],
    ['build id', kernel?.buildId],
    ['load flags', setup?.loadflags.join(', ')],
    ['xload flags', setup?.xloadflags.join(', ')],
  ];
  return rows.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** Columns of a tab, for VirtualTable. */
export function rowColumns({ columns, figures = [] }: DetailTab): Column<readonly string[]>[] {
  return columns.map((title, i) => ({
    id: title,
    title,
    width: i === columns.length - 1 ? '1fr' : figures.includes(i) ? '140px' : '180px',
    number: figures.includes(i),
    mono: i > 0,
    text: (row) => row[i] ?? '',
    ...(figures.includes(i) ? { key: (row) => Number((row[i] ?? '').replaceAll(',', '')) } : {}),
  }));
}
