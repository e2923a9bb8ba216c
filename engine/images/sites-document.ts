import type { z } from 'zod';
import type { sitesDocument } from '../contract.js';
import type { FunctionView } from '../patch/listing/function-view.js';
import type { Discovery } from '../patch/listing/pv-relocations.js';
import { functionReport, siteRows } from '../patch/listing/report.js';
import type { SiteList } from '../patch/listing/site-list.js';
import type { SiteRow } from '../patch/listing/site-row.js';

type Document = z.infer<typeof sitesDocument>;

/** What of a list of sites is told. */
export interface SitesAnswer {
  rows: readonly SiteRow[];
  functions: readonly FunctionView[] | null;
  discovery: Discovery | null;
  /** Files that were written. */
  files: readonly string[];
}

/** Patch sites of a kernel, as `kbl sites --json` prints them. */
export function sitesDocumentOf(
  list: SiteList,
  image: Document['image'],
  { rows, functions, discovery, files }: SitesAnswer,
): Document {
  const { kernel, target, totals } = list;
  return {
    ...{ schema: 'kbl-sites', version: 1, image, totals, discovery },
    kernelVersion: kernel.version,
    namesFrom: kernel.namesFrom,
    target: target && { environment: target.environment, cpu: target.cpu },
    rows: [...rows],
    rowsLeft: rows.length > 0 ? list.length - rows.length : 0,
    functions: functions?.map(functionReport) ?? null,
    ...{ notes: notesOf(list), files: [...files] },
  };
}

/** The same with every row, and nothing else. */
export function allSites(list: SiteList, image: Document['image']): Document {
  const nothing = { functions: null, discovery: null, files: [] };
  return sitesDocumentOf(list, image, { rows: siteRows(list), ...nothing });
}

/** What could not be told, and why. */
export function notesOf({ kernel, notes }: SiteList): string[] {
  const names = {
    symbols: [],
    kallsyms: ["names are those of the kernel's own kallsyms: static data may have none"],
    nothing: [
      'the kernel has no names, neither a vmlinux nor kallsyms: sites are told by address alone',
    ],
  };
  return [...names[kernel.namesFrom], ...notes];
}
