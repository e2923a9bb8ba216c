/** The text beside a bundle that says where the source of its programs is, as their licences ask. */

/** @typedef {import('./debian.mjs').DebianPackage} DebianPackage */

/**
 * @param {readonly DebianPackage[]} packages
 * @param {string | undefined} offer  name and address of who gives the source to others
 */
export function sourcesText(packages, offer) {
  /** @type {Map<string, string[]>} */
  const users = new Map();
  /** @param {string} source @param {string} user */
  const add = (source, user) => users.set(source, [...(users.get(source) ?? []), user]);
  for (const { name, version, source, sourceVersion, builtUsing } of packages) {
    const binary = `${name.replace(/:.*/, '')} ${version}`;
    add(`${source} ${sourceVersion}`, binary);
    for (const using of builtUsing) {
      const [, linked = '', linkedVersion = ''] = /^(\S+) \(= (.*)\)$/.exec(using) ?? [];
      add(`${linked} ${linkedVersion}`, `${binary}, linked in statically`);
    }
  }
  const sources = [...users].sort(([a], [b]) => (a < b ? -1 : 1));
  return `Where the source of these programs is

The files of this folder are those of Debian packages, unchanged. Only qemu-system-x86_64 at its top is not: these
few lines of shell start the QEMU below. Licences: usr/share/doc/PACKAGE/copyright, and the
texts that these name in usr/share/common-licenses.

${offer === undefined ? withoutOffer : writtenOffer(offer)}

Debian source packages, and the packages of this folder that were made of them:

${sources.map(([source, names]) => entry(source, names)).join('\n\n')}
`;
}

/** @param {string} offer */
const writtenOffer = (offer) => `Written offer

${offer}
will give anyone who asks, for at least three years from the day on which this folder was last distributed, a complete
machine-readable copy of the corresponding source of each of these programs, on a medium customarily used for software
interchange, for no more than the cost of doing so (GPL-2.0, section 3b; GPL-3.0, section 6b; LGPL-2.1, section 6).`;

const withoutOffer = `No written offer comes with this folder: nobody was named when it was made. Whoever gives it to others has to give
them the source packages below as well (GPL-2.0, section 3a), or to make it again with an offer: KBL_BUNDLE_OFFER.`;

/** @param {string} source @param {string[]} names */
function entry(source, names) {
  const [name = '', version = ''] = source.split(' ');
  return [
    source,
    ...names.map((one) => `  for   ${one}`),
    `  get   apt-get source ${name}=${version}`,
    `  or    https://snapshot.debian.org/package/${name}/${encodeURIComponent(version)}/`,
  ].join('\n');
}
