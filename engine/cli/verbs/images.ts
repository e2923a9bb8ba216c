import { z } from 'zod';
import { imagesDocument } from '../../contract.js';
import { byteCount, kindText, shortDigest, shortTime, table } from '../text.js';
import { defineVerb } from '../verb.js';

type Image = z.infer<typeof imagesDocument>['images'][number];

export const images = defineVerb({
  name: 'images',
  summary: 'list the images of the workspace, or show one and how it was made',
  examples: [
    ['kbl images', 'every image, with the names other verbs take'],
    ['kbl images native-6.1.192', 'one image, its build record and how to build it again'],
  ],
  arguments: [
    { syntax: '[image]', description: 'name or beginning of the digest', completion: 'image' },
  ],
  options: [{ flags: '--names', description: 'print names only, one a line' }],
  input: z.object({ image: z.string().optional(), names: z.boolean().default(false) }),
  reply: imagesDocument,
  async run(context, { image }) {
    const { database } = await context.workspace();
    const found =
      image === undefined ? await database.images.list() : [await database.images.find(image)];
    return { schema: 'kbl-images' as const, version: 1 as const, images: found };
  },
  document: (reply) => reply,
  render({ images: found }, _context, { image, names }) {
    if (names) return found.map(({ name }) => name).join('\n');
    if (image !== undefined) return found.map(imageText).join('\n');
    if (found.length === 0) return 'no images yet: kbl build native, or kbl import FILE';
    const rows = found.map((one) => [
      one.name,
      kindText(one),
      one.kernelVersion ?? '',
      byteCount(one.size),
      shortDigest(one.sha256),
      shortTime(one.createdAt),
    ]);
    return table([['NAME', 'KIND', 'KERNEL', 'SIZE', 'SHA-256', 'CREATED (UTC)'], ...rows], [3]);
  },
});

function imageText(image: Image): string {
  const rows = [
    ['name', image.name],
    ['kind', kindText(image)],
    ['kernel', image.kernelVersion ?? 'unknown'],
    ['size', byteCount(image.size)],
    ['sha256', image.sha256],
    ['created', image.createdAt],
    ...(image.origin === null ? [] : [['from', image.origin]]),
    ...image.parts.map(({ label, sha256 }) => [`part ${label}`, sha256]),
  ];
  return [table(rows), ...buildText(image)].join('\n');
}

/** What of the build record a person wants: the toolchain, and how to do it again. */
function buildText({ build }: Image): string[] {
  if (build === null) return [];
  const { toolchain, reproduce } = build;
  const tools = Object.entries(toolchain).map(([tool, version]) => [`  ${tool}`, version]);
  return [
    '',
    'built with',
    table(tools),
    '',
    'to build it again',
    ...reproduce.map((l) => `  ${l}`),
  ];
}
