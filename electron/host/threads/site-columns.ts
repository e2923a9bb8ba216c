import {
  familyNames,
  siteFates,
  type SiteColumns,
  type SiteFate,
  type Sites,
} from '../../../engine/contract/app/patch.js';
import { notesOf } from '../../../engine/images/sites-document.js';
import { Numbered } from '../../../engine/numbered.js';
import { siteRows } from '../../../engine/patch/listing/report.js';
import type { SiteList } from '../../../engine/patch/listing/site-list.js';
import type { SiteRow } from '../../../engine/patch/listing/site-row.js';

/** A list of sites as the window gets it: columns, and every text once, since most repeat. */
export function sitesReply(list: SiteList): Sites {
  const { kernel, totals, target, length } = list;
  const texts = new Numbered();
  const sites: SiteColumns = {
    ...{ length, address: [], place: [], bytes: [] },
    family: new Uint8Array(length),
    fate: new Uint8Array(length),
    instruction: new Int32Array(length),
    subject: new Int32Array(length),
    after: new Int32Array(length).fill(-1),
  };
  siteRows(list).forEach((row, i) => {
    sites.address.push(row.address);
    sites.place.push(row.place);
    sites.bytes.push(row.bytes);
    sites.family[i] = familyNames.indexOf(row.family);
    sites.fate[i] = siteFates.indexOf(fateOf(row));
    sites.instruction[i] = texts.number(row.instruction);
    sites.subject[i] = texts.number(row.subject);
    if (row.after) sites.after[i] = texts.number(row.after.instruction);
  });
  return {
    ...{ kernelVersion: kernel.version ?? null, totals, notes: notesOf(list) },
    ...{ observed: target !== null, sites, texts: texts.all },
  };
}

function fateOf({ staysInText, bytes, after }: SiteRow): SiteFate {
  if (!staysInText) return 'freed';
  if (!after) return 'unknown';
  return after.bytes === bytes ? 'stays' : 'changes';
}
