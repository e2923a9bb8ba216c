import { viewOf } from '../../elf/header.js';
import {
  copyOf,
  setHeaderField,
  xloadflags,
  type BzImage,
  type FieldName,
  type FieldValue,
} from '../../bzimage/index.js';
import type { FileOffset } from '../../units.js';

/** Values of header fields. */
export type SetupFields = { [N in FieldName]?: FieldValue<N> };

/**
 * The setup sectors of a bzImage, its real-mode code, made to say what is true
 * of a file that goes on with the boot stub.
 *
 * There is no EFI stub behind them, so nothing may be left that makes firmware
 * or a boot loader take the file for an EFI application: neither the PE header
 * nor the handover entry, nor the flags about it. The stub reads no boot_params
 * above 4 GB and switches no paging levels; those flags go, too.
 * @throws bzimage-field-range
 */
export function stubSetup(image: BzImage, fields: SetupFields): Uint8Array {
  const setup = copyOf(image.bytes, 0, image.setupSize);
  removePeHeader(setup);
  setHeaderField(setup, 'xloadflags', xloadflags.XLF_KERNEL_64);
  setHeaderField(setup, 'handover_offset', 0);
  for (const [name, value] of Object.entries(fields)) {
    setHeaderField(setup, name as FieldName, value as number);
  }
  return setup;
}

const peOffsetAt: FileOffset = 0x3c;

/**
 * Takes the magic numbers of the PE header away. A BIOS that starts the file as
 * a boot sector, which it is not, comes to `jmp .` in the place of `MZ`.
 */
function removePeHeader(setup: Uint8Array): void {
  const view = viewOf(setup);
  if (view.getUint16(0, true) !== 0x5a4d) return;
  const pe = view.getUint32(peOffsetAt, true);
  setup.set([0xeb, 0xfe]);
  if (pe <= setup.length - 4 && view.getUint32(pe, true) === 0x4550) {
    view.setUint32(pe, 0, true);
    view.setUint32(peOffsetAt, 0, true);
  }
}

/**
 * The largest type of setup_data that a kernel understands, from its
 * kernel_info (boot.rst, "The kernel_info"); 0 when it has none.
 */
export function setupTypeMax(image: BzImage): number {
  const { kernel_info_offset: offset } = image.fields;
  if (!offset) return 0;
  const at = image.protectedMode.offset + offset;
  const view = viewOf(image.bytes);
  if (at > image.bytes.length - 16 || view.getUint32(at, true) !== 0x506f544c) return 0;
  return view.getUint32(at + 12, true);
}
