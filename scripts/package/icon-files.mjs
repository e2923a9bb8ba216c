/** Icon files of other systems: containers of PNG files. */

/**
 * Windows: a directory, then the pictures (ICONDIR and ICONDIRENTRY; PNG since Windows Vista).
 * @param {ReadonlyMap<number, Buffer>} pictures  by their side, up to 256
 */
export function ico(pictures) {
  const directory = Buffer.alloc(6 + 16 * pictures.size);
  directory.writeUInt16LE(1, 2); // an icon
  directory.writeUInt16LE(pictures.size, 4);
  let offset = directory.length;
  let at = 6;
  for (const [side, png] of pictures) {
    directory.writeUInt8(side % 256, at); // 0 is 256
    directory.writeUInt8(side % 256, at + 1);
    directory.writeUInt16LE(1, at + 4); // colour planes
    directory.writeUInt16LE(32, at + 6); // bits a pixel
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
    at += 16;
  }
  return Buffer.concat([directory, ...pictures.values()]);
}

/** Types of the pictures that macOS takes as PNG. @type {ReadonlyMap<number, string>} */
const icnsTypes = new Map([
  [16, 'icp4'],
  [32, 'icp5'],
  [128, 'ic07'],
  [256, 'ic08'],
  [512, 'ic09'],
]);

/**
 * macOS: chunks of a type, their length with this header, and a picture.
 * @param {ReadonlyMap<number, Buffer>} pictures  by their side; others than macOS takes are left out
 */
export function icns(pictures) {
  const chunks = [...pictures].flatMap(([side, png]) => {
    const type = icnsTypes.get(side);
    return type === undefined ? [] : [chunk(type, png)];
  });
  return chunk('icns', Buffer.concat(chunks));
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const header = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  header.writeUInt32BE(header.length + data.length, 4);
  return Buffer.concat([header, data]);
}
