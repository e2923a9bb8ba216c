import { recipeErrors } from '../../errors/recipe.js';
import {
  bitModel,
  byteModel,
  numberModel,
  type Model,
  type RangeCoder,
  type RangeDecoder,
} from '../range-coder.js';
import { mostTokenText } from './tables.js';
import { Packer, type Token, type TokenStrings } from './tokens.js';

const kinds = {
  /** Stands for itself. */
  letter: 0,
  /** Has the string of a code of the base: what the pairs so far make of it is the new pair. */
  known: 1,
  /** A pair of codes. */
  pair: 2,
  unused: 3,
} as const;
type Kind = (typeof kinds)[keyof typeof kinds];

interface TokenModels {
  /** By whether the base has a letter at this code. */
  kind: Model;
  distance: Model;
  /** Left and right. */
  code: Model;
}

const tokenModels = (): TokenModels => ({
  kind: bitModel(2 * 4),
  distance: numberModel(),
  code: byteModel(2),
});

function codeKind(
  coder: RangeCoder,
  models: TokenModels,
  base: TokenStrings,
  code: number,
  kind: Kind = 0,
): Kind {
  const context = base[code]!.length === 1 ? 4 : 0;
  return (coder.tree(models.kind, context, 2, kind) & 3) as Kind;
}

/** The code of the base that is expected after the one above `code`: the next that is no letter. */
function notLetter(base: TokenStrings, code: number): number {
  while (code > 0 && base[code]!.length === 1) code--;
  return code;
}

/**
 * Codes what the 256 codes stand for, given the base's: first what kind each
 * is, then the pairs, from code 255 down as scripts/kallsyms.c made them.
 */
export function encodeTokens(
  coder: RangeCoder,
  base: TokenStrings,
  strings: TokenStrings,
  tokens: readonly Token[],
): void {
  const models = tokenModels();
  const known = strings.map((string) =>
    string.length < 2 ? -1 : base.findIndex((other) => Buffer.compare(other, string) === 0),
  );
  for (let code = 255; code >= 0; code--) {
    const token = tokens[code];
    const kind = !token
      ? kinds.unused
      : token.kind === 'letter'
        ? kinds.letter
        : known[code]! >= 0
          ? kinds.known
          : kinds.pair;
    codeKind(coder, models, base, code, kind);
  }
  let next = 255;
  for (let code = 255; code >= 0; code--) {
    const token = tokens[code];
    if (token?.kind !== 'pair') continue;
    if (known[code]! >= 0) {
      coder.signed(models.distance, 0, notLetter(base, next) - known[code]!);
      next = known[code]! - 1;
    } else {
      coder.byte(models.code, 0, token.left);
      coder.byte(models.code, 1, token.right);
    }
  }
}

/** @throws recipe-malformed */
export function decodeTokens(
  coder: RangeDecoder,
  base: TokenStrings,
): { strings: Uint8Array[]; packer: Packer } {
  const models = tokenModels();
  const packer = new Packer();
  const kindOf = new Uint8Array(256);
  const strings: Uint8Array[] = Array.from({ length: 256 }, () => new Uint8Array(0));
  for (let code = 255; code >= 0; code--) {
    kindOf[code] = codeKind(coder, models, base, code);
    if (kindOf[code] === kinds.letter) strings[code] = Uint8Array.of(code);
  }
  if (kindOf[0] === kinds.letter) throw malformed();
  let next = 255;
  let size = 256;
  for (let code = 255; code >= 0; code--) {
    let pair: ArrayLike<number> = [];
    if (kindOf[code] === kinds.known) {
      const known = notLetter(base, next) - coder.signed(models.distance, 0);
      pair = packer.pack(base[known] ?? new Uint8Array(0));
      next = known - 1;
    } else if (kindOf[code] === kinds.pair) {
      pair = [coder.byte(models.code, 0), coder.byte(models.code, 1)];
    } else {
      continue;
    }
    const left = strings[pair[0] ?? code]!;
    const right = strings[pair[1] ?? code]!;
    size += left.length + right.length;
    if (pair.length !== 2 || left.length === 0 || right.length === 0 || size > mostTokenText) {
      throw malformed();
    }
    packer.add(code, pair[0]!, pair[1]!);
    strings[code] = Buffer.concat([left, right]);
  }
  return { strings, packer };
}

const malformed = (): Error =>
  recipeErrors.malformed({ why: 'kallsyms: a token that is no pair of tokens' });
