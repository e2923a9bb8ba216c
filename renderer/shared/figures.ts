const grouped = new Intl.NumberFormat('en-US');

/** `2,397,184`: figures stay exact, their unit is in the column's header. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `2026-11-25 22:10`, local time, of an ISO 8601 time. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
