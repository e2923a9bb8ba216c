/**
 * Files of the machine that a user may choose instead of the installed ones: the one
 * table of the environment variables that name them. Plain JavaScript, since set-up
 * reads it before anything is compiled.
 */

/** @typedef {'qemu' | 'xen' | 'ovmf' | 'busybox'} ChosenFile  ids of engine/doctor/tools.mjs */

/** @type {Readonly<Record<ChosenFile, string>>} */
export const variables = {
  qemu: 'KBL_QEMU',
  xen: 'KBL_XEN',
  ovmf: 'KBL_OVMF',
  busybox: 'KBL_BUSYBOX',
};

/**
 * What the user chose; undefined for what is installed.
 * @param {ChosenFile} id
 * @returns {string | undefined}
 */
export function chosen(id) {
  return process.env[variables[id]] || undefined;
}

/**
 * Whether a tool is one of those that can be chosen.
 * @param {string} id
 * @returns {id is ChosenFile}
 */
export function isChoosable(id) {
  return Object.hasOwn(variables, id);
}
