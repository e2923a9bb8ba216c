import type { z } from 'zod';

/**
 * A question the window may ask the engine host. Parameters are validated where
 * they arrive (host), replies and events likewise (window).
 */
export interface Method<
  Params extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Event extends z.ZodType = z.ZodType,
> {
  readonly params: Params;
  readonly reply: Reply;
  /** What arrives between the request and its reply: console bytes, log lines; z.never() where nothing does. */
  readonly event: Event;
}

/** A method whose reply is the job it began; `result` is what the job ends with. */
export interface JobMethod<
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly params: Params;
  readonly result: Result;
}

export function method<
  P extends z.ZodType,
  R extends z.ZodType,
  E extends z.ZodType = z.ZodNever,
>(shape: { params: P; reply: R; event: E }): Method<P, R, E> {
  return shape;
}

export function jobMethod<P extends z.ZodType, R extends z.ZodType>(shape: {
  params: P;
  result: R;
}): JobMethod<P, R> {
  return shape;
}
