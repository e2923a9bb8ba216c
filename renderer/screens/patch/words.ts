import type { Image } from '../../../engine/contract/app/images.js';
import type {
  Constant,
  Discovery,
  FamilyName,
  PatchEnvironment,
  SiteFate,
} from '../../../engine/contract/app/patch.js';

/** Tabs of the screen. */
export const tabs = ['Sites', 'Constants', 'Relocations', 'Result', 'Changes at boot'];

/** What each family of patch sites is. */
export const familyWords: Record<FamilyName, string> = {
  paravirt: 'calls through pv_ops, which become direct calls, instructions or nothing',
  alternative: 'code that is replaced by what the processor can',
  'static-key': 'jump labels: a no-op or a jump, by the value of a key',
  'static-call': 'calls of a function that is chosen at run time, without an indirect branch',
  'smp-lock': 'lock prefixes, which one processor alone does not need',
  retpoline: 'indirect branches, by what the processor needs against speculation',
  return: 'returns, by what the processor needs against speculation',
  'call-thunk': 'calls that count their depth, against speculation of returns',
  endbr: 'landing pads of indirect branches that nothing branches to',
  ftrace: 'calls of the tracer at the beginning of functions',
  'runtime-constant': 'immediates that are filled in at boot',
};

export const environmentWords: Record<PatchEnvironment, string> = {
  bare: 'bare: the emulated PC itself',
  'xen-pv-dom0': 'xen-pv: a PV guest of Xen',
};

/** What becomes of a site, and its colour in tables. */
export const fateWords: Record<SiteFate, string> = {
  changes: 'changes',
  stays: 'stays as it is',
  freed: 'freed after boot',
  unknown: 'not observed',
};

export const fateColours: Record<SiteFate, string> = {
  changes: '--verdict-differs',
  stays: '--verdict-identical',
  freed: '--muted',
  unknown: '--line',
};

/** Where a variable was put by its author. */
export const classWords: Record<Constant['class'], string> = {
  ro_after_init: '__ro_after_init',
  read_mostly: '__read_mostly',
  other: 'elsewhere',
};

export const useWords: Record<Discovery['onlyRelocated'][number]['use'], string> = {
  'indirect call': 'a call that is no site',
  'indirect jump': 'a jump that is no site',
  'other instruction': 'loads, stores or compares it',
  data: 'data that points at it',
};

/** One kernel each whose tables are whole: neither multi-images nor what was patched before. */
export function patchable(images: readonly Image[]): Image[] {
  return images.filter(({ kind }) => kind === 'built' || kind === 'imported');
}

/** The newest kernel with Xen in it, since that has every family; else the newest of all. */
export function usualImage(images: readonly Image[]): Image | undefined {
  const whole = patchable(images);
  return whole.findLast(({ flavour }) => flavour === 'xen') ?? whole.at(-1);
}
