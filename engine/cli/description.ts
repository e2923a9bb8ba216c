import type { z } from 'zod';
import type { inspectDocument } from '../contract.js';
import { grouped, tidy } from '../report/figures.js';
import type { Colours } from './colours.js';
import { byteCount, table } from './text.js';

/** What `kbl inspect` and `kbl import` say of an image. Its texts come from a hostile file. */

type Description = z.infer<typeof inspectDocument>['description'];
type Kernel = NonNullable<Description['kernel']>;
type MultiImage = NonNullable<Description['multiImage']>;
type Flavour = MultiImage['flavours'][number];

const labelWidth = 12;

/** A paragraph each: container, payload, kernel, flavours, where it boots. */
export function descriptionText(description: Description, colours: Colours): string {
  const { container, wrapping, size, setup, payload, kernel, problem, efi, multiImage } =
    description;
  const wrapped = wrapping === null ? '' : `, wrapped in ${wrapping}`;
  const lines = [line('container', `${container}${wrapped}, ${byteCount(size)}`)];
  if (setup) lines.push(...setupLines(setup, efi?.signed ?? false));
  if (efi) {
    const signed = efi.signed ? 'signed' : 'not signed';
    lines.push(line('EFI stub', `${efi.machine}, ${signed}, sections ${efi.sections.join(' ')}`));
  }
  if (payload) {
    const unpacked = payload.unpackedSize === null ? '' : ` -> ${byteCount(payload.unpackedSize)}`;
    const at = `at 0x${payload.offset.toString(16)}`;
    lines.push(line('payload', `${payload.codec}, ${byteCount(payload.size)} ${at}${unpacked}`));
  }
  if (kernel) lines.push('', ...kernelLines(kernel, multiImage ? 'base' : 'kernel'));
  if (multiImage) lines.push('', ...multiImageLines(multiImage, colours));
  if (problem) {
    lines.push(
      '',
      `${colours.yellow('problem:')} ${tidy(problem.message)}`,
      `  hint: ${tidy(problem.hint)}`,
    );
  }
  lines.push('', ...bootLines(description, colours));
  lines.push('', ...entryLines(description));
  return lines.join('\n');
}

const spaceWords = {
  file: 'offset in the file',
  physical: 'physical address',
  virtual: 'virtual address',
  loaded: 'behind the loaded code',
} as const;

function entryLines({ entries }: Description): string[] {
  const rows = entries.map(({ name, address, space, by }) => [
    ...['entry', name, address, spaceWords[space]],
    by,
  ]);
  return rows.length === 0 ? [] : table(rows).split('\n');
}

/** Every section of the kernel's ELF, as `readelf -S` lists them. */
export function sectionsText({ kernel }: Description): string {
  if (!kernel) return 'no sections: the kernel in it could not be read';
  const rows = kernel.sections.map(({ name, type, flags, address, offset, size }) => [
    ...[name, type, flags, address, `0x${offset.toString(16)}`],
    grouped(size),
  ]);
  return table([['SECTION', 'TYPE', 'FLAGS', 'ADDRESS', 'OFFSET', 'BYTES'], ...rows], [3, 4, 5]);
}

/** Every note, Xen's among them. */
export function notesText({ kernel }: Description): string {
  const rows = kernel?.notes.map(({ owner, name, value }) => [owner, name, value]) ?? [];
  return table([['OWNER', 'NOTE', 'VALUE'], ...rows]);
}

/** Every field of the setup header, as Documentation/arch/x86/boot.rst lists them. */
export function headerText({ setup }: Description): string {
  if (!setup) return 'no setup header';
  const rows = setup.fields.map(({ name, offset, value, use }) => [
    `0x${offset.toString(16)}`,
    name,
    value,
    use,
  ]);
  return table([['OFFSET', 'FIELD', 'VALUE', 'USE'], ...rows], [0]);
}

function line(label: string, text: string): string {
  return `${tidy(label).padEnd(labelWidth)} ${tidy(text)}`.trimEnd();
}

function setupLines(setup: NonNullable<Description['setup']>, signed: boolean): string[] {
  const { protocol, kernelVersion, loadflags, xloadflags, setupSize, protectedModeSize } = setup;
  const sizes = `setup ${byteCount(setupSize)}, protected mode ${byteCount(protectedModeSize)}`;
  const stale = signed ? 'CRC is from before the image was signed' : 'CRC does not match';
  const crc = setup.crcMatches ? 'CRC matches' : stale;
  return [
    line('header', `boot protocol ${protocol}; ${sizes}; ${crc}`),
    line('version', kernelVersion ?? 'not stated'),
    line('flags', [...loadflags, ...xloadflags].join(' ')),
  ];
}

function kernelLines(kernel: Kernel, label: string): string[] {
  const { banner, machine, width, entry, buildId, elfSize, relocationTableSize } = kernel;
  const stripped = kernel.stripped ? 'stripped' : 'with symbols';
  const notes = kernel.xenNotes.map(({ name, value }) => line('', `${name.padEnd(20)} ${value}`));
  return [
    line(label, banner ?? 'no version banner'),
    line('ELF', `${width}-bit ${machine}, entry ${entry}, ${byteCount(elfSize)}, ${stripped}`),
    ...(relocationTableSize === 0
      ? []
      : [line('', `relocatable (KASLR), table of ${byteCount(relocationTableSize)}`)]),
    ...(buildId === null ? [] : [line('build id', buildId)]),
    ...(kernel.multiboot === null ? [] : [line('multiboot', `version ${kernel.multiboot}`)]),
    ...(notes.length === 0 ? [line('Xen notes', 'none')] : [line('Xen notes', ''), ...notes]),
    ...(kernel.xenFeatures.length === 0
      ? []
      : [line('Xen features', kernel.xenFeatures.join(' '))]),
  ];
}

/** With what a multi-image starts, and where. */
export function carrierText(carrier: MultiImage['carrier']): string {
  return carrier === 'decompressor'
    ? "the kernel's own decompressor, wherever the kernel itself starts"
    : "the lab's boot stub, from BIOS-protocol loaders only: not by UEFI, without KASLR";
}

function multiImageLines(multiImage: MultiImage, colours: Colours): string[] {
  const { version, carrier, base, default: fallback, rules, flavours } = multiImage;
  const byRule = rules.map(({ signature, flavour }) => `${flavour} under ${signature}, else `);
  const count = `${flavours.length} flavours, format ${version}`;
  return [
    line('multi-image', `${count}, base ${base}`),
    line('starts with', carrierText(carrier)),
    line('chosen', `by kbl.flavour=NAME, else ${byRule.join('')}${fallback}`),
    ...flavours.flatMap((flavour) => ['', ...flavourLines(flavour, colours)]),
  ];
}

function flavourLines(flavour: Flavour, colours: Colours): string[] {
  const { name, stored, recipeSize, unpackedSize, memorySize, workSize } = flavour;
  const { loadAddress, checksum, original, intact, problem, kernel, shared } = flavour;
  const recipe = `recipe of ${byteCount(recipeSize)}, ${grouped(workSize)} of work memory`;
  const verdict = intact ? colours.green('intact') : colours.red('DAMAGED');
  const how = stored === 'base' ? 'the base, stored whole' : recipe;
  const sizes = `${byteCount(unpackedSize)} unpacked, ${grouped(memorySize)} in memory`;
  return [
    `${line('flavour', `${name}: ${how},`)} ${verdict}`,
    ...(problem === null ? [] : [line('', problem)]),
    ...(kernel?.banner ? [line('', kernel.banner)] : []),
    line('', `${sizes} from ${loadAddress}`),
    line('', `checksum ${checksum}`),
    line('', `from the image ${original}`),
    ...(shared ? sharedLines(shared, unpackedSize) : []),
  ];
}

/** Where the bytes of a flavour come from, with their share of it. */
function sharedLines(shared: NonNullable<Flavour['shared']>, size: number): string[] {
  const { copies, unchanged, changed, inserted, relocations } = shared;
  const rows: [number, string][] = [
    [unchanged, `as in the base, in ${grouped(copies)} pieces`],
    [changed, 'of these pieces changed, addresses above all'],
    [inserted, 'not in the base, or rebuilt as a table'],
    [relocations, 'relocations, rebuilt as a table'],
  ];
  const cells = rows.map(([count, what]) => [
    grouped(count),
    `${((100 * count) / size).toFixed(1)}%`,
    what,
  ]);
  return table(cells, [0, 1])
    .split('\n')
    .map((text) => line('', text));
}

function bootLines({ bootsAs }: Description, colours: Colours): string[] {
  return bootsAs.map(({ environment, boots, reason }) => {
    const verdict = boots ? colours.green('yes') : colours.dim('no ');
    return `boots as ${environment.padEnd(14)} ${verdict}  ${tidy(reason)}`;
  });
}
