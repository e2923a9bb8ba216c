/**
 * The one error class whose text reaches users. Everything that can go wrong
 * for a reason a user can act on is thrown as a LabError made by an entry of
 * the catalogue; any other exception is a bug in the lab.
 */

/** What kind of trouble it is; decides the exit code of `kbl`. */
export type ErrorKind =
  | 'usage' /** the command line or a plan makes no sense */
  | 'input' /** a file the user gave is malformed or unsupported */
  | 'environment' /** a tool, permission or resource of this machine is missing */
  | 'build' /** the kernel's own build failed */
  | 'guest' /** an image did not boot or did not finish its workloads */
  | 'busy' /** another process holds what is needed */
  | 'interrupted' /** the user cancelled */
  | 'mismatch'; /** figures or bytes that must agree do not */

/** Exit codes of `kbl`, listed in docs/cli.md. 0 is success, 70 (EX_SOFTWARE) a bug in the lab. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  usage: 2,
  input: 3,
  environment: 4,
  build: 5,
  guest: 6,
  busy: 7,
  mismatch: 8,
  interrupted: 130,
};

/** Where in the input the trouble is, as far as it is known. */
export interface ErrorPlace {
  readonly file?: string | undefined;
  /** Byte offset in that file. */
  readonly offset?: number | undefined;
  readonly section?: string | undefined;
  readonly symbol?: string | undefined;
}

export interface ErrorReport {
  readonly message: string;
  readonly place?: ErrorPlace | undefined;
  /** What the user can do about it: one sentence, a command where there is one. */
  readonly hint: string;
}

/** A user-visible error. `code` is stable: scripts and docs/errors.md rely on it. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly place: ErrorPlace | undefined;
  readonly hint: string;

  constructor(code: string, kind: ErrorKind, report: ErrorReport, cause?: unknown) {
    super(report.message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.kind = kind;
    this.place = report.place;
    this.hint = report.hint;
  }

  /** The same error with more of its place filled in, for callers that know the file's name. */
  at(place: ErrorPlace): LabError {
    const merged = { ...place, ...this.place };
    return new LabError(
      this.code,
      this.kind,
      { message: this.message, place: merged, hint: this.hint },
      this.cause,
    );
  }
}

/** An entry of the catalogue: call it with its parameters to make the error. */
export interface CatalogueEntry<P> {
  (parameters: P, cause?: unknown): LabError;
  readonly code: string;
  readonly kind: ErrorKind;
  /** One line for docs/errors.md: when does this happen. */
  readonly when: string;
}

/**
 * Defines an entry of the catalogue.
 * @param code   stable identifier, `room-trouble` in lower case with hyphens
 * @param when   one line for the generated docs/errors.md
 * @param report builds message, place and hint from the parameters
 */
export function defineError<P>(
  code: string,
  kind: ErrorKind,
  when: string,
  report: (parameters: P) => ErrorReport,
): CatalogueEntry<P> {
  const make = (parameters: P, cause?: unknown): LabError =>
    new LabError(code, kind, report(parameters), cause);
  return Object.assign(make, { code, kind, when });
}

/** `0x1f1` for offsets and addresses in messages. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
