import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

/** Colours where the stream is a terminal that has them; NO_COLOR turns them off. */
export function coloursFor(stream: NodeJS.WriteStream): Colours {
  return pc.createColors(stream.isTTY && pc.isColorSupported);
}
