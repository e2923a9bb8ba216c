import { errorDocument } from '../../engine/contract.js';
import {
  jobMethods,
  methods,
  type EventOf,
  type JobMethodName,
  type JobParamsInput,
  type JobResultOf,
  type MethodName,
  type ParamsInput,
  type ReplyOf,
} from '../../engine/contract/app/index.js';
import { jobSchema, type ErrorBody, type Job } from '../../engine/contract/app/jobs.js';
import { notices, type NoticeName, type NoticeOf } from '../../engine/contract/app/notices.js';
import { problemOf } from '../../engine/contract/app/problem.js';
import { downFrame, type UpFrame } from '../../engine/contract/app/wire.js';
import { appErrors } from '../../engine/errors/app.js';
import { commonErrors } from '../../engine/errors/common.js';
import { errorBodyOf } from '../../engine/errors/error-body.js';
import { LabError } from '../../engine/errors/lab-error.js';

/** What a failed request rejects with: an error of the catalogue, as ErrorView.svelte shows it. */
export class HostError extends Error {
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

/** Any thrown thing as the body that ErrorView shows. */
export function bodyOf(error: unknown): ErrorBody {
  if (error instanceof HostError) return error.body;
  if (error instanceof LabError) return errorBodyOf(error);
  return errorBodyOf(appErrors.bug({ message: String(error), log: 'log/kbl.log' }));
}

export interface CallOptions<Event> {
  signal?: AbortSignal;
  onEvent?: (event: Event) => void;
}

interface Open {
  method: string;
  resolve(reply: unknown): void;
  reject(error: unknown): void;
  onEvent(event: unknown): void;
}

/** What is used of a MessagePort: a window's, or one of Node in tests. */
export interface Port {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  start(): void;
  postMessage(frame: UpFrame): void;
  close(): void;
}

/** The window's end of the channel to the engine host. Requests wait while the host starts. */
export class Client {
  readonly #open = new Map<number, Open>();
  readonly #listeners = new Map<string, Set<(notice: never) => void>>();
  readonly #connected = new Set<() => void>();
  #unsent: UpFrame[] = [];
  #port: Port | undefined;
  #lastId = 0;

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#open.size;
  }

  /** Takes the port to a host; a new one replaces that of a dead host. */
  connect(port: Port): void {
    if (this.#port) this.hostGone();
    this.#port = port;
    port.addEventListener('message', ({ data }) => this.#receive(data));
    port.start();
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const frame of unsent) this.#send(frame);
    for (const listener of this.#connected) listener();
  }

  /** The host ended: whoever still waits for it is told. */
  hostGone(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#unsent = [];
    for (const { method, reject } of this.#open.values()) {
      reject(appErrors.hostGone({ what: method }));
    }
    this.#open.clear();
  }

  /** Called at each connection: load anew. Returns what ends it. */
  onConnect(listener: () => void): () => void {
    this.#connected.add(listener);
    if (this.#port) listener();
    return () => this.#connected.delete(listener);
  }

  onNotice<Name extends NoticeName>(
    name: Name,
    listener: (notice: NoticeOf<Name>) => void,
  ): () => void {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(listener));
    return () => all.delete(listener);
  }

  /** @throws HostError, LabError app-host-gone, app-bad-message */
  async call<Name extends MethodName>(
    name: Name,
    params: ParamsInput<Name>,
    { signal, onEvent }: CallOptions<EventOf<Name>> = {},
  ): Promise<ReplyOf<Name>> {
    const { reply, event } = methods[name];
    const raw = await this.#request(name, params, signal, (data) =>
      onEvent?.(checked(`an event of ${name}`, event, data) as EventOf<Name>),
    );
    return checked(`the reply of ${name}`, reply, raw) as ReplyOf<Name>;
  }

  /**
   * A call for an effect: returns what gives it up; neither function is called after that.
   */
  ask<Name extends MethodName>(
    name: Name,
    params: ParamsInput<Name>,
    onReply: (reply: ReplyOf<Name>) => void,
    onError: (error: ErrorBody) => void,
  ): () => void {
    const abort = new AbortController();
    const { signal } = abort;
    this.call(name, params, { signal }).then(
      (reply) => {
        if (!signal.aborted) onReply(reply);
      },
      (trouble: unknown) => {
        if (!signal.aborted) onError(bodyOf(trouble));
      },
    );
    return () => abort.abort();
  }

  /** Begins a job; `finished` is its result. @throws like call */
  async startJob<Name extends JobMethodName>(
    name: Name,
    params: JobParamsInput<Name>,
  ): Promise<{ job: Job; finished: Promise<JobResultOf<Name>> }> {
    const raw = await this.#request(name, params, undefined, () => undefined);
    const job = checked(`the reply of ${name}`, jobSchema, raw) as Job;
    const finished = this.call('jobs.result', { id: job.id }).then(
      ({ result }) =>
        checked(`the result of ${name}`, jobMethods[name].result, result) as JobResultOf<Name>,
    );
    finished.catch(() => undefined);
    return { job, finished };
  }

  #request(
    method: string,
    params: unknown,
    signal: AbortSignal | undefined,
    onEvent: (event: unknown) => void,
  ): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(commonErrors.cancelled({ what: method }));
      const cancel = (): void => this.#send({ kind: 'cancel', id });
      const settled = (): void => signal?.removeEventListener('abort', cancel);
      this.#open.set(id, {
        method,
        resolve: (reply) => (settled(), resolve(reply)),
        reject: (error) => (
          settled(),
          reject(error instanceof Error ? error : new Error(String(error)))
        ),
        onEvent,
      });
      signal?.addEventListener('abort', cancel, { once: true });
      this.#send({ kind: 'request', id, method, params });
    });
  }

  /** Sends, or keeps until there is a host. What cannot be cloned (a proxy, a function) fails its request. */
  #send(frame: UpFrame): void {
    if (!this.#port) return void this.#unsent.push(frame);
    try {
      this.#port.postMessage(frame);
    } catch (error) {
      const open = this.#open.get(frame.id);
      this.#open.delete(frame.id);
      open?.reject(error);
    }
  }

  #receive(data: unknown): void {
    const frame = downFrame.parse(data);
    if (frame.kind === 'notice') return this.#notice(frame.name, frame.notice);
    const open = this.#open.get(frame.id);
    if (!open) return;
    if (frame.kind === 'event') {
      try {
        open.onEvent(frame.event);
      } catch (error) {
        // Nobody waits for it any more, and a guest must not live on unheard.
        this.#open.delete(frame.id);
        this.#send({ kind: 'cancel', id: frame.id });
        open.reject(error);
      }
      return;
    }
    this.#open.delete(frame.id);
    if (frame.kind === 'reply') open.resolve(frame.reply);
    else open.reject(new HostError(errorDocument.shape.error.parse(frame.error)));
  }

  #notice(name: string, data: unknown): void {
    if (!Object.hasOwn(notices, name)) return;
    const notice = checked(`the notice ${name}`, notices[name as NoticeName], data);
    for (const listener of this.#listeners.get(name) ?? []) listener(notice as never);
  }
}

type Schema = {
  safeParse(
    data: unknown,
  ):
    | ReturnType<typeof jobSchema.safeParse>
    | { success: true; data: unknown }
    | { success: false; error: Parameters<typeof problemOf>[0] };
};

/** @throws app-bad-message */
function checked(what: string, schema: Schema, data: unknown): unknown {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw appErrors.badFrame({ what, problem: problemOf(parsed.error) });
}
