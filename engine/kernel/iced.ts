import { createRequire } from 'node:module';
import type * as Iced from 'iced-x86';

let loaded: typeof Iced | undefined;

/**
 * iced-x86, loaded when the first instruction is decoded: its WebAssembly takes
 * a tenth of a second, which most commands need not wait for. What it
 * allocates outside of JavaScript's heap must be freed: see `withDecoder`.
 */
export function iced(): typeof Iced {
  loaded ??= createRequire(import.meta.url)('iced-x86') as typeof Iced;
  return loaded;
}

/** A decoder over some code and one instruction that is decoded into again and again. */
export interface Decoding {
  decoder: Iced.Decoder;
  instruction: Iced.Instruction;
}

/** Runs `work` with a decoder over a copy of the bytes, and frees it. */
export function withDecoder<T>(
  bytes: Uint8Array,
  width: 32 | 64,
  work: (decoding: Decoding) => T,
): T {
  const { Decoder, DecoderOptions, Instruction } = iced();
  const decoder = new Decoder(width, bytes, DecoderOptions.None);
  const instruction = new Instruction();
  try {
    return work({ decoder, instruction });
  } finally {
    instruction.free();
    decoder.free();
  }
}
