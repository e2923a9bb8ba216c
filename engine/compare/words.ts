import type { Reason, Verdict } from './types.js';

/** What a verdict means, for people. */
export const verdictWords: Record<Verdict, string> = {
  identical: 'identical bytes',
  addresses: 'same but for addresses',
  differs: 'differs',
  'only-a': 'only in A',
  'only-b': 'only in B',
};

/** The main reason first, then whatever else was seen; empty where nothing differs. */
export function why({ reason, evidence }: { reason: Reason | null; evidence: Reason[] }): string {
  return [reason, ...evidence.filter((other) => other !== reason)]
    .filter((one) => one !== null)
    .join(', ');
}
