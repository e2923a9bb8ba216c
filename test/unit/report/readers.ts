import { inflateRawSync } from 'node:zlib';

/** Small independent readers: what the reports write must be readable by others' rules. */

/** RFC 4180, strictly: CRLF lines, quotes only around whole fields. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      const match = /"((?:[^"]|"")*)"|[^",\r\n]*/y;
      match.lastIndex = at;
      const found = match.exec(text);
      if (found === null) throw new Error(`bad field at ${at}`);
      at += found[0].length;
      row.push(found[1]?.replaceAll('""', '"') ?? found[0]);
      if (text[at] === ',') at += 1;
      else break;
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`no end of line at ${at}`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

/** Entries of a ZIP by its central directory. */
export function unzip(bytes: Uint8Array): Map<string, string> {
  const zip = Buffer.from(bytes);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const entries = new Map<string, string>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error(`no central entry at ${at}`);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const header = zip.readUInt32LE(at + 42);
    const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const data = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    const plain = zip.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data);
    if (plain.length !== zip.readUInt32LE(at + 24)) throw new Error(`${name}: wrong size`);
    entries.set(name, plain.toString('utf8'));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

/** Throws unless tags nest, entities are known and every character is one XML 1.0 allows. */
export function checkXml(xml: string): void {
  // eslint-disable-next-line no-control-regex -- naming control characters is the point
  const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/u.exec(xml);
  if (illegal !== null) throw new Error(`illegal character at ${illegal.index}`);
  const open: string[] = [];
  const body = xml.replace(/^<\?xml[^>]*\?>\s*/, '');
  const tags = /<(\/?)([\w:.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/g;
  const text = body.replace(tags, (_, close: string, name: string, __: string, empty: string) => {
    if (close !== '' && open.pop() !== name) throw new Error(`</${name}> closes another tag`);
    if (close === '' && empty === '') open.push(name);
    return '';
  });
  if (open.length > 0) throw new Error(`<${open.join('><')}> left open`);
  if (/[<>]|&(?!amp;|lt;|gt;|quot;|apos;|#\d+;)/.test(text)) throw new Error('stray markup');
}
