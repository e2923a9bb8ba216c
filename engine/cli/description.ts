import type { z } from 'zod';
import type { inspectDocument } from '../contract.js';
import { tidy } from '../report/figures.js';
import type { Colours } from './colours.js';
import { byteCount, table } from './text.js';

/** What `kbl inspect` and `kbl import` say of an image. Its texts come from a hostile file. */

type Description = z.infer<typeof inspectDocument>['description'];
type Kernel = NonNullable<Description['kernel']>;

const labelWidth = 12;

/** A paragraph each: container, payload, kernel, parts, where it boots. */
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
  if (kernel) lines.push('', ...kernelLines(kernel, multiImage ? 'Xen finds' : 'kernel'));
  for (const part of multiImage?.parts ?? []) {
    const intact = part.intact ? 'intact' : colours.red('DAMAGED');
    const where = `${byteCount(part.size)} at 0x${part.offset.toString(16)}`;
    lines.push('', `${line(`part ${part.label}`, `${part.role}, ${where}, `)} ${intact}`);
    if (part.kernel?.banner) lines.push(line('', part.kernel.banner));
  }
  if (problem) {
    lines.push(
      '',
      `${colours.yellow('problem:')} ${tidy(problem.message)}`,
      `  hint: ${tidy(problem.hint)}`,
    );
  }
  lines.push('', ...bootLines(description, colours));
  return lines.join('\n');
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

function bootLines({ bootsAs }: Description, colours: Colours): string[] {
  return bootsAs.map(({ environment, boots, reason }) => {
    const verdict = boots ? colours.green('yes') : colours.dim('no ');
    return `boots as ${environment.padEnd(14)} ${verdict}  ${tidy(reason)}`;
  });
}
