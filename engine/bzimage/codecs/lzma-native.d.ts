/** The part of lzma-native that the lab uses; the package ships no types. */
declare module 'lzma-native' {
  import type { Transform } from 'node:stream';

  export interface StreamOptions {
    /** Most memory a decoder may take, in bytes. */
    memlimit?: number;
    preset?: number;
    check?: number;
    filters?: { id: string; options?: object }[];
  }
  const lzma: {
    readonly CHECK_CRC32: number;
    readonly FILTER_X86: string;
    readonly FILTER_LZMA2: string;
    createStream(
      coder: 'streamDecoder' | 'aloneDecoder' | 'streamEncoder' | 'aloneEncoder',
      options?: StreamOptions,
    ): Transform;
  };
  export default lzma;
}
