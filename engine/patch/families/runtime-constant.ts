import { patchErrors } from '../../errors/patch.js';
import { addressText, type SignedAddress } from '../../kernel/address.js';
import { addressOfName } from '../../kernel/names.js';
import { sectionAt, type LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import type {
  IndexIntoSiteTable,
  PatchedText,
  PatchFamily,
  SiteResolver,
  SiteTable,
  Target,
} from '../types.js';
import { viewOf } from './instructions.js';
import {
  entryCount,
  isCode,
  refuseOverlaps,
  refuseShape,
  siteColumns,
  staysInText,
} from './site-rows.js';

/** Immediates that stand for a variable which is set once at boot. */
export interface RuntimeConstantSites extends SiteTable {
  /** Index into `variables`. */
  variable: Uint16Array;
  /** 8 for runtime_const_ptr(), 1 for runtime_const_shift_right_32(). */
  variables: readonly { name: string; size: Bytes }[];
}

/** s32, counted from itself. */
const entrySize: Bytes = 4;

interface Kind {
  prefix: string;
  /** Of the immediate. */
  size: Bytes;
  /** Of the opcode in front of it. */
  opcodeSize: Bytes;
  instruction: string;
  isOpcode: (bytes: Uint8Array) => boolean;
}

const kinds: readonly Kind[] = [
  {
    prefix: 'runtime_ptr_',
    size: 8,
    opcodeSize: 2,
    instruction: 'movabs $imm64, a register',
    isOpcode: ([rex = 0, opcode = 0]) => (rex & 0xfe) === 0x48 && (opcode & 0xf8) === 0xb8,
  },
  {
    prefix: 'runtime_shift_',
    size: 1,
    opcodeSize: 2,
    instruction: 'shr $imm8, a register',
    isOpcode: ([opcode = 0, modrm = 0]) => opcode === 0xc1 && (modrm & 0xf8) === 0xe8,
  },
];

function kindOf({ name }: LoadedSection): Kind | undefined {
  return kinds.find(({ prefix }) => name.startsWith(prefix));
}

/** Every variable has a section of its own, which the final link keeps. */
function read(kernel: PatchKernel): RuntimeConstantSites | undefined {
  const tables = kernel.sections.filter((section) => kindOf(section) !== undefined);
  if (tables.length === 0) return undefined;
  const counts = tables.map((table) => entryCount(table.name, table, entrySize));
  const sites: RuntimeConstantSites = {
    ...siteColumns(
      counts.reduce((sum, count) => sum + count, 0),
      0,
      0,
    ),
    variable: new Uint16Array(counts.reduce((sum, count) => sum + count, 0)),
    variables: tables.map((table) => {
      const { prefix, size } = kindOf(table)!;
      return { name: table.name.slice(prefix.length), size };
    }),
  };
  let row = 0;
  tables.forEach((table, variable) => {
    const kind = kindOf(table)!;
    for (let at = 0; at < table.bytes.length; at += entrySize, row++) {
      const entry = table.start + at;
      const address = entry + viewOf(table.bytes).getInt32(at, true);
      checkSite(kernel, table.name, entry, address, kind);
      sites.address[row] = address;
      sites.size[row] = kind.size;
      sites.entry[row] = entry;
      sites.variable[row] = variable;
    }
  });
  refuseOverlaps('runtime constants', sites);
  return sites;
}

function checkSite(
  { sections }: PatchKernel,
  table: string,
  entry: SignedAddress,
  address: SignedAddress,
  { size, opcodeSize, isOpcode, instruction }: Kind,
): void {
  const from = address - opcodeSize;
  if (!isCode(sections, from, opcodeSize + size)) {
    const why = `its site ${addressText(address)} is outside of the code`;
    throw patchErrors.tableMalformed({ table, entry: addressText(entry), why });
  }
  const section = sections[sectionAt(sections, from)]!;
  const bytes = section.bytes.subarray(from - section.start, address + size - section.start);
  if (!isOpcode(bytes)) refuseShape('runtime-constant', address, bytes, instruction);
}

/**
 * The variable has the value that runtime_const_init() gave to the sites: it is written once.
 * @throws patch-table-unknown for a variable that has no symbol
 */
function resolver(target: Target, sites: RuntimeConstantSites, text: PatchedText): SiteResolver {
  const { kernel } = text;
  const values = sites.variables.map(({ name, size }) => {
    const address = addressOfName(kernel.names, name);
    if (address === undefined) {
      const table = `the variable ${name}`;
      throw patchErrors.tableUnknown({ table, file: kernel.label, walker: 'runtime_const_init' });
    }
    return target.memory.read(address, size, name);
  });
  return (i) => {
    const address = sites.address[i]!;
    if (!staysInText(kernel, address)) return;
    text.put(address, values[sites.variable[i]!]!, { family: 'runtime-constant', index: i });
  };
}

function describe(
  _kernel: PatchKernel,
  { variables, variable }: RuntimeConstantSites,
  i: IndexIntoSiteTable,
): string {
  return variables[variable[i]!]!.name;
}

/** runtime_const_ptr() and runtime_const_shift_right_32(): variables as immediates. */
export const runtimeConstant: PatchFamily<RuntimeConstantSites> = {
  name: 'runtime-constant',
  summary: 'variables that are set once at boot, as immediates',
  learntFrom: ['arch/x86/include/asm/runtime-const.h', 'include/asm-generic/vmlinux.lds.h'],
  support: { '6.1': 'absent', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
