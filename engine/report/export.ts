import path from 'node:path';
import { reportErrors } from '../errors/report.js';
import { makeFolder } from '../make-folder.js';
import { replaceFile } from '../replace-file.js';
import { toCsv } from './csv.js';
import { toJson } from './json.js';
import { toMarkdown } from './markdown.js';
import { toOds } from './ods.js';
import type { Comparison } from './types.js';
import { toXlsx } from './xlsx.js';

/** Formats a comparison is exported in; also their file name extensions. */
export const exportFormats = ['csv', 'xlsx', 'ods', 'json', 'md'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The bytes of one format. */
export async function exported(
  comparison: Comparison,
  format: ExportFormat,
): Promise<string | Uint8Array> {
  const writers = { csv: toCsv, xlsx: toXlsx, ods: toOds, json: toJson, md: toMarkdown };
  return writers[format](comparison);
}

/** An experiment's name as a file name: what a path could mean is replaced. */
export function exportName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'comparison';
}

/** Makes the folder that exports go to, where it is missing. @throws report-write-failed */
export async function makeExportFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw reportErrors.writeFailed({ file: folder, reason }, cause);
  });
}

/**
 * Writes `baseName.csv`, `.xlsx`, `.ods`, `.json` and `.md` into an existing
 * folder and returns their paths. A file that exists is replaced, whole or not
 * at all.
 * @throws report-bad-name, report-write-failed
 */
export async function exportAll(
  comparison: Comparison,
  folder: string,
  baseName = 'comparison',
): Promise<string[]> {
  if (!isPlainName(baseName)) throw reportErrors.badName({ name: baseName });
  const paths: string[] = [];
  for (const format of exportFormats) {
    const file = path.join(folder, `${baseName}.${format}`);
    await replaceFile(file, await exported(comparison, format));
    paths.push(file);
  }
  return paths;
}

/** Neither a path nor hidden, and short enough for the extension and a temporary name. */
function isPlainName(name: string): boolean {
  return /^[^./\0][^/\0]*$/.test(name) && Buffer.byteLength(name) <= 200;
}
