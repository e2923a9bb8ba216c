import { alternativeResolver } from '../alternatives/resolve.js';
import {
  flagDirectCall,
  flagNot,
  readAlternatives,
  selectAlternatives,
  type AlternativeSites,
} from '../alternatives/table.js';
import type { PatchKernel } from '../kernel.js';
import { featureName } from '../target/feature-names.js';
import type {
  IndexIntoSiteTable,
  PatchedText,
  PatchFamily,
  SiteResolver,
  Target,
} from '../types.js';

/** All but those that make paravirt calls direct, which are paravirt sites. */
function read(kernel: PatchKernel): AlternativeSites | undefined {
  const sites = readAlternatives(kernel);
  return sites && selectAlternatives(sites, (i) => (sites.flags[i]! & flagDirectCall) === 0);
}

function describe(
  kernel: PatchKernel,
  { feature, flags }: AlternativeSites,
  i: IndexIntoSiteTable,
): string {
  return `${flags[i]! & flagNot ? '!' : ''}${featureName(kernel, feature[i]!)}`;
}

function resolver(target: Target, sites: AlternativeSites, text: PatchedText): SiteResolver {
  const alternatives = alternativeResolver(text.kernel, target, sites, 'alternative');
  return (i) => {
    const replacement = alternatives.applies(sites, i)
      ? // As it is now: thunks are called from replacements too, and were rewritten before.
        text.get(sites.replacement[i]!, sites.replacementSize[i]!)
      : undefined;
    const bytes = alternatives.rewritten(text, sites, i, replacement);
    text.put(sites.address[i]!, bytes, { family: 'alternative', index: i });
  };
}

/** ALTERNATIVE(): code for processors that have a feature, or lack it. The last entry that matches wins. */
export const alternative: PatchFamily<AlternativeSites> = {
  name: 'alternative',
  summary: 'code that depends on features of the processor',
  learntFrom: [
    'arch/x86/kernel/alternative.c',
    'arch/x86/include/asm/alternative.h',
    'arch/x86/include/asm/cpufeatures.h',
  ],
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
