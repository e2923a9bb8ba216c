import { createLogUpdate } from 'log-update';
import type { ProgressEvent, ProgressListener } from '../progress.js';
import { tidy, truncated } from '../report/figures.js';
import type { Milliseconds } from '../units.js';
import type { Colours } from './colours.js';

/** Draws what the engine reports, on stderr. */
export interface ProgressView {
  readonly listener: ProgressListener;
  /** Prints a line that stays, without breaking into what is drawn. */
  readonly note: (line: string) => void;
  /** Removes what is drawn; what was logged stays. */
  stop(): void;
}

export interface ProgressOptions {
  colours: Colours;
  /** Prints the work's own output too. */
  verbose: boolean;
  now?: (() => Milliseconds) | undefined;
}

interface Job {
  title: string;
  begin: Milliseconds;
  expected: Milliseconds | undefined;
  detail: string;
  done: number | undefined;
  total: number | undefined;
  /** When its last line was logged, where there is no terminal. */
  logged: Milliseconds;
}

/** How often live lines are redrawn, and how often a job is logged where there is no terminal. */
const redrawInterval: Milliseconds = 100;
const logInterval: Milliseconds = 10_000;
/** How often a log looks whether a job's next line is due. */
const lookInterval: Milliseconds = 1_000;

const barWidth = 20;

/** Live lines on a terminal, else a log with a line every ten seconds. */
export function createProgress(stream: NodeJS.WriteStream, options: ProgressOptions): ProgressView {
  return stream.isTTY ? liveView(stream, options) : logView(stream, options);
}

function liveView(stream: NodeJS.WriteStream, options: ProgressOptions): ProgressView {
  const { colours, verbose, now = Date.now } = options;
  const jobs = new Map<string, Job>();
  const update = createLogUpdate(stream, { showCursor: true });
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    const width = stream.columns || 80;
    const lines = [...jobs.values()].map((job) => truncated(liveLine(job, now()), width - 1));
    update(lines.join('\n'));
  };
  const note = (line: string): void => {
    update.clear();
    stream.write(`${line}\n`);
    if (jobs.size > 0) draw();
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    update.clear();
    update.done();
  };
  return {
    note,
    stop,
    listener: (event) => {
      const job = jobs.get(event.job);
      follow(jobs, event, now());
      if (event.kind === 'line' && verbose) note(colours.dim(tidy(event.text)));
      if (event.kind === 'end') note(endLine(job, event, now(), colours));
      if (jobs.size === 0) stop();
      else timer ??= setInterval(draw, redrawInterval).unref();
    },
  };
}

function logView(stream: NodeJS.WriteStream, options: ProgressOptions): ProgressView {
  const { colours, verbose, now = Date.now } = options;
  const jobs = new Map<string, Job>();
  let timer: NodeJS.Timeout | undefined;
  const note = (line: string): void => void stream.write(`${line}\n`);
  const logWhenDue = (): void => {
    for (const job of jobs.values()) {
      if (now() - job.logged < logInterval) continue;
      job.logged = now();
      note(`${job.title}: ${clock(now() - job.begin)} ${stateOf(job)}`.trimEnd());
    }
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    jobs.clear();
  };
  return {
    note,
    stop,
    listener: (event) => {
      const ending = jobs.get(event.job);
      follow(jobs, event, now());
      if (event.kind === 'line' && verbose) note(tidy(event.text));
      if (event.kind === 'end') note(endLine(ending, event, now(), colours));
      const job = jobs.get(event.job);
      if (event.kind === 'start' && job !== undefined) {
        const expected = job.expected === undefined ? '' : ` (expected ${clock(job.expected)})`;
        note(`${job.title} ...${expected}`);
      }
      logWhenDue();
      // A boot, or a wait for another process, has no events for minutes.
      if (jobs.size === 0) stop();
      else timer ??= setInterval(logWhenDue, lookInterval).unref();
    },
  };
}

/** Keeps what is running up to date. */
function follow(jobs: Map<string, Job>, event: ProgressEvent, now: Milliseconds): void {
  const job = jobs.get(event.job);
  if (event.kind === 'start') {
    jobs.set(event.job, {
      title: tidy(event.title),
      begin: now,
      expected: event.expected,
      detail: '',
      done: undefined,
      total: undefined,
      logged: now,
    });
  } else if (event.kind === 'end') {
    jobs.delete(event.job);
  } else if (event.kind === 'step' && job !== undefined) {
    job.detail = tidy(event.detail);
    job.done = event.done ?? job.done;
    job.total = event.total ?? job.total;
  }
}

/** `build native  ██████──────────────  0:41 / ~3:20  812/1460 CC kernel/fork.o` */
function liveLine(job: Job, now: Milliseconds): string {
  const elapsed = now - job.begin;
  const expected = job.expected === undefined ? '' : ` / ~${clock(job.expected)}`;
  const part = fraction(job, elapsed);
  const drawn = part === undefined ? '' : `  ${bar(part)}`;
  return `${job.title}${drawn}  ${clock(elapsed)}${expected}  ${stateOf(job)}`.trimEnd();
}

/** How much is done, counted where that is possible, else guessed from the time; never quite all. */
function fraction({ done, total, expected }: Job, elapsed: Milliseconds): number | undefined {
  if (done !== undefined && total !== undefined && total > 0) return Math.min(done / total, 0.99);
  return expected === undefined || expected <= 0 ? undefined : Math.min(elapsed / expected, 0.99);
}

function bar(part: number): string {
  const full = Math.floor(part * barWidth);
  return '█'.repeat(full) + '─'.repeat(barWidth - full);
}

function stateOf({ detail, done, total }: Job): string {
  const count = done === undefined ? '' : total === undefined ? `${done}` : `${done}/${total}`;
  return [count, detail].filter((text) => text !== '').join(' ');
}

function endLine(
  job: Job | undefined,
  event: Extract<ProgressEvent, { kind: 'end' }>,
  now: Milliseconds,
  colours: Colours,
): string {
  const marks = {
    done: colours.green('done'),
    cached: colours.green('cached'),
    failed: colours.red('failed'),
    cancelled: colours.yellow('cancelled'),
  };
  const title = job?.title ?? tidy(event.job);
  const time = job === undefined || event.result === 'cached' ? '' : ` ${clock(now - job.begin)}`;
  const detail = !event.detail ? '' : `  ${tidy(event.detail)}`;
  return `${title}: ${marks[event.result]}${time}${detail}`;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(time: Milliseconds): string {
  const seconds = Math.max(0, Math.round(time / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const head = hours === 0 ? String(minutes) : `${hours}:${two(minutes)}`;
  return `${head}:${two(seconds % 60)}`;
}
