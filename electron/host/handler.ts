import type {
  EventOf,
  JobMethodName,
  JobParamsOf,
  JobResultOf,
  MethodName,
  ParamsOf,
  ReplyOf,
} from '../../engine/contract/app/index.js';
import type { JobOptions } from '../../engine/progress.js';
import type { HostContext } from './context.js';

/** What a handler gets besides its parameters. */
export interface Call<Event> {
  /** Aborted when the window cancels the request or is closed. */
  readonly signal: AbortSignal;
  /** Sends an event before the reply. */
  emit(event: Event): void;
}

export type Handlers<Names extends MethodName> = {
  [Name in Names]: (
    context: HostContext,
    params: ParamsOf<Name>,
    call: Call<EventOf<Name>>,
  ) => Promise<ReplyOf<Name>> | ReplyOf<Name>;
};

/** A job's title, and its work. What can be refused at once is refused before `work` is returned. */
export interface JobPlan<Result> {
  readonly title: string;
  /** What the job is about (`experiment:3`), so that screens find it, and that only one is at it. */
  readonly subject?: string;
  work(options: JobOptions): Promise<Result>;
  /** What came of it, in some words: `native-6.1.192`. */
  summary?(result: Result): string;
}

export type JobHandlers<Names extends JobMethodName> = {
  [Name in Names]: (
    context: HostContext,
    params: JobParamsOf<Name>,
  ) => Promise<JobPlan<JobResultOf<Name>>> | JobPlan<JobResultOf<Name>>;
};
