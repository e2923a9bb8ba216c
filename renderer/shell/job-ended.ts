import type { Job } from '../../engine/contract/app/jobs.js';

/** Shorter than anyone looks away, in milliseconds. */
const short = 5_000;

/** What a desktop notification says of a job that ended; null where nobody waited for it. Pure. */
export function notificationOf({
  title,
  state,
  summary,
  error,
  startedAt,
  endedAt,
}: Job): { title: string; body: string } | null {
  if (endedAt === null || endedAt - startedAt < short) return null;
  // Who cancels knows of it.
  if (state === 'cancelled' || state === 'running') return null;
  const body = state === 'done' ? (summary ?? 'done') : `failed: ${error?.message ?? ''}`;
  return { title: title.slice(0, 200), body: body.slice(0, 1000) };
}
