import type { KernelImage } from '../compare/image.js';
import { readPlaces } from '../compare/places.js';
import {
  EM_386,
  EM_X86_64,
  PT_LOAD,
  readElf,
  readSymbols,
  type ByteSource,
  type ElfFile,
} from '../elf/index.js';
import { compareErrors } from '../errors/compare.js';
import { namesOfKallsyms, namesOfSymbols, type NameTable } from '../kernel/names.js';
import { loadSections, type LoadedSection } from '../kernel/sections.js';
import { Numbered } from '../numbered.js';
import { readKallsymsNames } from '../recipe/kallsyms/index.js';
import type { Bytes } from '../units.js';
import { classesOf } from './classes.js';
import { leavesOf, type LeafTable } from './leaves.js';
import type { LinkMap } from './link-map.js';
import { matchMap, type MatchedMap } from './map-match.js';
import { namedByLabels, namedBySymbols, type Named } from './named.js';
import { isPrelinked } from './object-path.js';
import { originsOfRows } from './origins.js';
import type { Attribution, NamesFrom, SizeClass } from './types.js';

/** A kernel, and what is known of how it was linked. */
export interface SizeInput {
  /** What the user calls it. */
  label: string;
  /** A vmlinux, with symbols or without. */
  source: ByteSource;
  /** All its bytes, where there may be no symbols: kallsyms is looked for in them. */
  bytes?: Uint8Array | undefined;
  linkMap?: LinkMap | undefined;
  /** Object files in order of linking (`readThinArchive`). */
  objects?: readonly string[] | undefined;
}

/** What a kernel's size is made of, to the byte. */
export interface KernelSize {
  label: string;
  sections: SizedSection[];
  leaves: LeafTable;
  /** Paths of object files, or names of source files where folders are not known. */
  objects: string[];
  attribution: Attribution;
  /** Whether object files have their folders. */
  hasFolders: boolean;
  namesFrom: NamesFrom;
  /** Bytes of memory that the loadable segments take, and how many of them no section has. */
  memory: { total: Bytes; betweenSections: Bytes };
  /** What could not be told, and why; a sentence each. */
  notes: string[];
}

export interface SizedSection extends Pick<LoadedSection, 'name' | 'start' | 'size'> {
  class: SizeClass;
}

/** @throws compare-not-x86, kernel-*, elf-* */
export function readKernelSize(input: SizeInput): KernelSize {
  const { label, source } = input;
  const elf = readElf(source);
  const { machine } = elf.header;
  if (machine !== EM_X86_64 && machine !== EM_386) throw compareErrors.notX86({ label, machine });
  const sections = loadSections(elf, label);
  const objects = new Numbered();
  const { named, names, namesFrom, hasFiles } = readNames(input, elf, sections, objects);
  const map = input.linkMap && matchMap(sections, input.linkMap);
  const leaves = cut(input, sections, named, map, objects);
  const classes = classesOf(sections, names);
  const attribution = map?.sections ? 'link-map' : hasFiles ? 'file-symbols' : 'nothing';
  return {
    label,
    sections: sections.map(({ name, start, size }, i) => ({
      ...{ name, start, size, class: classes[i]! },
    })),
    leaves,
    objects: objects.all,
    attribution,
    hasFolders: attribution === 'link-map' || (hasFiles && input.objects !== undefined),
    namesFrom,
    memory: memoryOf(elf, sections),
    notes: notesOf(input, namesFrom, attribution, map),
  };
}

interface FoundNames {
  named: Named[];
  names: NameTable;
  namesFrom: NamesFrom;
  /** There are file symbols. */
  hasFiles: boolean;
}

function readNames(
  { label, bytes, objects: list }: SizeInput,
  elf: ElfFile,
  sections: LoadedSection[],
  objects: Numbered,
): FoundNames {
  const symbols = readSymbols(elf);
  if (symbols) {
    const image: KernelImage = { label, elf, width: elf.header.width, symbols, sections };
    const places = readPlaces(image);
    return {
      named: namedBySymbols(places.table, originsOfRows(places, list, objects)),
      ...{ names: namesOfSymbols(symbols), namesFrom: 'symbols' },
      hasFiles: places.files.length > 0,
    };
  }
  const kallsyms = bytes && readKallsymsNames(bytes);
  const names = namesOfKallsyms(
    kallsyms ?? { count: 0, name: () => '', type: () => '', address: new Uint32Array(0) },
  );
  const namesFrom = kallsyms ? 'kallsyms' : 'nothing';
  return { named: namedByLabels(names, sections), names, namesFrom, hasFiles: false };
}

function cut(
  { linkMap }: SizeInput,
  sections: readonly LoadedSection[],
  named: readonly Named[],
  map: MatchedMap | undefined,
  objects: Numbered,
): LeafTable {
  const numbers = linkMap?.objects.map((path) => (isPrelinked(path) ? -1 : objects.number(path)));
  return leavesOf(
    sections.map((section, i) => ({
      section,
      named: named.filter(
        ({ start }) => start >= section.start && start < section.start + section.size,
      ),
      pieces: map?.sections?.[i]?.pieces,
      inputs: linkMap?.inputs ?? [],
      objectOf: ({ object }) => numbers?.[object] ?? -1,
    })),
  );
}

function memoryOf(elf: ElfFile, sections: readonly LoadedSection[]): KernelSize['memory'] {
  const total = elf.segments
    .filter(({ type }) => type === PT_LOAD)
    .reduce((sum, { memorySize }) => sum + memorySize, 0);
  const inSections = sections.reduce((sum, { size }) => sum + size, 0);
  return { total, betweenSections: Math.max(0, total - inSections) };
}

function notesOf(
  { label, objects, linkMap }: SizeInput,
  namesFrom: NamesFrom,
  attribution: Attribution,
  map: MatchedMap | undefined,
): string[] {
  const notes: string[] = [];
  if (map?.mismatch !== undefined) {
    notes.push(`the link map was left aside, since it is of another kernel: ${map.mismatch}`);
  }
  if (attribution === 'link-map' && linkMap?.objects.some(isPrelinked)) {
    notes.push(
      'its objects were linked into vmlinux.o first (LTO or IBT): file symbols tell which is which',
    );
  }
  if (attribution === 'file-symbols') {
    notes.push(
      'without a link map, object files are told by file symbols (STT_FILE): tables and what lies between two files belong to none',
    );
    if (!objects) {
      notes.push(
        'files have no folders: there is no list of object files (vmlinux.a) for this kernel',
      );
    }
  }
  if (namesFrom === 'kallsyms') {
    notes.push(
      "names are those of the kernel's own kallsyms, which has no sizes: each reaches to the next one, padding included; its vmlinux with symbols tells them apart",
    );
  }
  if (namesFrom === 'nothing')
    notes.push(`${label} has neither symbols nor kallsyms: only sections`);
  return notes;
}
