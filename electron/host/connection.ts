import type { ZodType } from 'zod';
import { jobMethods, methods } from '../../engine/contract/app/index.js';
import type { ErrorBody } from '../../engine/contract/app/jobs.js';
import { upFrame, type DownFrame } from '../../engine/contract/app/wire.js';
import { appErrors } from '../../engine/errors/app.js';
import { commonErrors } from '../../engine/errors/common.js';
import { problemOf } from '../../engine/contract/app/problem.js';
import type { HostContext } from './context.js';
import type { Call, JobPlan } from './handler.js';
import { handlers, jobPlans } from './handlers/index.js';

/** The end of a channel to one window, as far as it matters here. */
export interface Channel {
  send(frame: DownFrame): void;
}

/** Answers one window: requests in, events and replies out. Knows nothing of Electron. */
export class Connection {
  readonly #context: HostContext;
  readonly #channel: Channel;
  readonly #explain: (error: unknown) => ErrorBody;
  readonly #open = new Map<number, AbortController>();

  constructor(context: HostContext, channel: Channel, explain: (error: unknown) => ErrorBody) {
    this.#context = context;
    this.#channel = channel;
    this.#explain = explain;
  }

  /** A message from the window, which may be anything. */
  receive(data: unknown): void {
    const parsed = upFrame.safeParse(data);
    // Without an id nobody can be answered; a window of ours never sends it.
    if (!parsed.success) return;
    const frame = parsed.data;
    if (frame.kind === 'cancel') this.#open.get(frame.id)?.abort();
    else void this.#answer(frame.id, frame.method, frame.params);
  }

  /** The window is gone: what it asked for is not needed. Its jobs go on. */
  close(): void {
    for (const abort of this.#open.values()) abort.abort();
  }

  async #answer(id: number, name: string, params: unknown): Promise<void> {
    const abort = new AbortController();
    this.#open.set(id, abort);
    try {
      const reply = await this.#perform(name, params, {
        signal: abort.signal,
        emit: (event: unknown) => this.#channel.send({ kind: 'event', id, event }),
      });
      this.#channel.send({ kind: 'reply', id, reply });
    } catch (error) {
      const told = abort.signal.aborted ? commonErrors.cancelled({ what: name }, error) : error;
      this.#channel.send({ kind: 'failure', id, error: this.#explain(told) });
    } finally {
      this.#open.delete(id);
    }
  }

  async #perform(name: string, params: unknown, call: Call<unknown>): Promise<unknown> {
    if (Object.hasOwn(methods, name)) {
      const known = name as keyof typeof methods;
      const handler = handlers[known] as AnyHandler;
      return handler(this.#context, checked(name, methods[known].params, params), call);
    }
    if (Object.hasOwn(jobMethods, name)) {
      const known = name as keyof typeof jobMethods;
      const plan = jobPlans[known] as AnyJobHandler;
      const asked = checked(name, jobMethods[known].params, params);
      return this.#context.jobs.start(name, await plan(this.#context, asked));
    }
    throw appErrors.badFrame({ what: 'a request', problem: `no method ${JSON.stringify(name)}` });
  }
}

// The tables are typed by name (handler.ts); a name known only at run time loses the tie.
type AnyHandler = (context: HostContext, params: unknown, call: Call<unknown>) => unknown;
type AnyJobHandler = (
  context: HostContext,
  params: unknown,
) => JobPlan<unknown> | Promise<JobPlan<unknown>>;

/** @throws app-bad-message */
function checked(name: string, schema: ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw appErrors.badFrame({ what: `the request ${name}`, problem: problemOf(parsed.error) });
}
