import {
  familyNames,
  siteFates,
  type FamilyName,
  type SiteFate,
  type Sites,
} from '../../../engine/contract/app/patch.js';
import type { Column } from '../../shared/table.js';
import { fateColours, fateWords } from './words.js';

/** Rows of the table of sites are indices into the columns of the reply. */
export type Row = number;

export function familyOf({ sites }: Sites, row: Row): FamilyName {
  return familyNames[sites.family[row]!]!;
}

export function fateOf({ sites }: Sites, row: Row): SiteFate {
  return siteFates[sites.fate[row]!]!;
}

/** Rows of these families, all of them when none is chosen. */
export function rowsOf({ sites }: Sites, wanted: readonly FamilyName[]): Row[] {
  const numbers = new Set(wanted.map((one) => familyNames.indexOf(one)));
  const rows: Row[] = [];
  for (let row = 0; row < sites.length; row++) {
    if (numbers.size === 0 || numbers.has(sites.family[row]!)) rows.push(row);
  }
  return rows;
}

/** `schedule` of `schedule+0x10`: what the listing is asked for. */
export function functionOf({ sites }: Sites, row: Row): string {
  return functionOfPlace(sites.place[row]!);
}

function functionOfPlace(place: string): string {
  return place.replace(/\+0x[0-9a-f]+$/, '');
}

/** Everything by which a site of this kernel can be left to it: as engine/patch/left-out.ts takes it. */
export function siteNames({ sites, texts }: Sites): ReadonlySet<string> {
  const names = new Set<string>(sites.address);
  for (const place of sites.place) names.add(place).add(functionOfPlace(place));
  for (const subject of sites.subject) names.add(texts[subject]!);
  return names;
}

/** Families whose sites stand and fall with their subject: a key has one value, a call one function. */
const whole: readonly FamilyName[] = ['static-key', 'static-call'];

/** What of a site can be left to the kernel: the word for it, and what people call that. */
export function wordsFor(reply: Sites, row: Row): { word: string; what: string }[] {
  const family = familyOf(reply, row);
  const subject = reply.texts[reply.sites.subject[row]!]!;
  const name = functionOf(reply, row);
  // The kernel checks them at boot, so that it has them anyway.
  if (family === 'ftrace') return [];
  return [
    ...(whole.includes(family) ? [] : [{ word: reply.sites.address[row]!, what: 'this site' }]),
    ...(family === 'paravirt' || whole.includes(family) ? [{ word: subject, what: subject }] : []),
    { word: name, what: `all of ${name}` },
  ];
}

/** Columns of the table of sites: they read the reply's columns, no object a row is made. */
export function siteColumns(reply: Sites): Column<Row>[] {
  const { sites, texts } = reply;
  return [
    {
      ...{ id: 'address', title: 'address', width: '138px', mono: true },
      text: (row) => sites.address[row]!,
      key: (row) => row,
    },
    {
      ...{ id: 'place', title: 'function + offset', width: 'minmax(150px, 1.7fr)', mono: true },
      text: (row) => sites.place[row]!,
    },
    {
      ...{ id: 'family', title: 'family', width: '104px' },
      text: (row) => familyOf(reply, row),
      key: (row) => sites.family[row]!,
    },
    {
      ...{ id: 'instruction', title: 'instruction', width: 'minmax(120px, 1.3fr)', mono: true },
      text: (row) => texts[sites.instruction[row]!]!,
    },
    {
      ...{ id: 'subject', title: 'subject', width: 'minmax(100px, 1.1fr)', mono: true },
      text: (row) => texts[sites.subject[row]!]!,
    },
    {
      ...{ id: 'after', title: 'becomes', width: 'minmax(120px, 1.5fr)', mono: true },
      text: (row) => becomes(reply, row),
      colour: (row) => fateColours[fateOf(reply, row)],
    },
  ];
}

/** Its instructions after boot, or why it has no others. */
export function becomes(reply: Sites, row: Row): string {
  const fate = fateOf(reply, row);
  const { sites, texts } = reply;
  return fate === 'changes' ? texts[sites.after[row]!]! : fateWords[fate];
}

/** One site in full, for below a table that may have cut it off. */
export function siteLine(reply: Sites, row: Row): string {
  const { sites, texts } = reply;
  return [
    sites.place[row]!,
    `${familyOf(reply, row)} ${texts[sites.subject[row]!]!}`.trim(),
    `${sites.bytes[row]!}  ${texts[sites.instruction[row]!]!}`,
    `becomes: ${becomes(reply, row)}`,
  ].join('   ');
}
