/**
 * A name that the database takes (db/names.ts), of a file's name or of a version
 * that a hostile header gave: those are no reason to refuse an image.
 */
export function defaultName(wanted: string): string {
  const name = wanted.replace(/[\p{Cc}/]+/gu, '-').replace(/^-+/, '');
  // Room is left for a number, should the name be taken.
  return name.slice(0, 180).trim() || 'kernel';
}
