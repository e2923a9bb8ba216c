/**
 * Which way imports may go (docs/architecture.md). Paths are relative to the
 * project, with `/`. A room is a folder or a file.
 */

/** What every room may import. */
const groundFloor = ['engine/units.ts', 'engine/progress.ts', 'engine/errors'];

/** Rooms that may import only what is listed, besides themselves and packages. */
const confined = [
  { room: 'engine/errors', may: groundFloor },
  { room: 'engine/units.ts', may: [] },
  { room: 'engine/progress.ts', may: groundFloor },
  { room: 'engine/elf', may: groundFloor },
  { room: 'engine/bzimage', may: [...groundFloor, 'engine/elf'] },
  { room: 'engine/recipe', may: [...groundFloor, 'engine/elf'] },
  { room: 'engine/contract.ts', may: ['engine/contract/documents'] },
  {
    room: 'engine/contract/documents',
    may: [...groundFloor, /^engine\/\w+\/types\.ts$/],
  },
  {
    room: 'engine/contract',
    may: [
      ...groundFloor,
      'engine/contract.ts',
      'engine/report/schema.ts',
      /^engine\/\w+\/types\.ts$/,
    ],
  },
  // The app: what crosses its processes is the contract; only the engine host runs the engine.
  { room: 'renderer', may: [...groundFloor, 'engine/contract.ts', 'engine/contract'] },
  { room: 'electron/preload', may: ['engine/contract'] },
  {
    room: 'electron/main',
    may: [...groundFloor, 'engine/contract.ts', 'engine/contract', 'engine/workspace/log.ts'],
  },
  {
    room: 'electron/host',
    may: [/^engine\/(?!cli\/)/, 'db'],
  },
  { room: 'db', may: [...groundFloor, 'engine/paths.ts', /^engine\/\w+\/types\.ts$/] },
];

/** What the engine and the database must never import. */
const outside = ['engine/cli', 'electron', 'renderer', 'scripts', 'test'];

/** Code that may import the engine's callers: they themselves, and what is outside of engine and db. */
const callers = ['engine/cli'];

/**
 * @param {string} path
 * @param {string | RegExp} room
 */
function isIn(path, room) {
  return room instanceof RegExp ? room.test(path) : path === room || path.startsWith(`${room}/`);
}

/**
 * Why a file must not import another, or undefined when it may.
 * @param {string} from
 * @param {string} to
 * @returns {string | undefined}
 */
export function forbidden(from, to) {
  const rule = confined.find(({ room }) => isIn(from, room));
  if (rule && ![rule.room, ...rule.may].some((room) => isIn(to, room))) {
    return `${rule.room} must not import ${to}`;
  }
  const inside = isIn(from, 'engine') || isIn(from, 'db');
  if (
    inside &&
    !callers.some((room) => isIn(from, room)) &&
    outside.some((room) => isIn(to, room))
  ) {
    return `the engine knows nothing of its callers, and must not import ${to}`;
  }
  return undefined;
}
