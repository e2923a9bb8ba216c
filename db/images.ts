import { databaseErrors } from '../engine/errors/database.js';
import type { BuildRecord } from '../engine/build/types.js';
import type { PatchRecord } from '../engine/patch/types.js';
import type { Sha256 } from '../engine/units.js';
import type { Connection, Statements } from './connection.js';
import { freeName, type NameOptions } from './names.js';
import type { ImageKind, ImageRecord, NewImage } from './records.js';
import { sql, toJson, type Sql } from './sql.js';

/** Shortest beginning of a digest that is taken for one. */
const shortestPrefix = 4;

/** Kernel images and the records of their builds. */
export class Images {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Records an image. One with the same digest keeps its id and name, and gains
   * what was not known of it, such as the build record of what had been imported.
   *
   * @throws name-taken, name-invalid (only for a digest that is new)
   */
  save(image: NewImage, options?: NameOptions): Promise<ImageRecord> {
    return this.#connection.transaction(async (transaction) => {
      const known = await oneImage(transaction, sql`WHERE sha256 = ${image.sha256}`);
      if (known) await complete(transaction, known, image);
      else await insert(transaction, image, options);
      if (image.build) await saveBuild(transaction, image.sha256, image.build);
      return existing(transaction, image.sha256);
    });
  }

  bySha256(sha256: Sha256): Promise<ImageRecord | undefined> {
    return oneImage(this.#connection, sql`WHERE sha256 = ${sha256}`);
  }

  /**
   * The image a user means: by its name, or by its digest or the first four or
   * more digits of it.
   *
   * @throws image-unknown, image-ambiguous
   */
  async find(reference: string): Promise<ImageRecord> {
    const named = await oneImage(this.#connection, sql`WHERE name = ${reference}`);
    if (named) return named;
    const prefix = reference.toLowerCase();
    if (prefix.length < shortestPrefix || !/^[0-9a-f]+$/.test(prefix)) {
      throw databaseErrors.imageUnknown({ reference });
    }
    // 'g' sorts after every hexadecimal digit, so this is a range of the index.
    const images = await allImages(
      this.#connection,
      sql`WHERE sha256 >= ${prefix} AND sha256 < ${`${prefix}g`}`,
    );
    const [image] = images;
    if (!image) throw databaseErrors.imageUnknown({ reference });
    if (images.length > 1) {
      throw databaseErrors.imageAmbiguous({ reference, names: images.map(({ name }) => name) });
    }
    return image;
  }

  /** Every image, in the order they came. */
  list(): Promise<ImageRecord[]> {
    return allImages(this.#connection, sql``);
  }

  /** @throws image-unknown, name-taken, name-invalid */
  rename(sha256: Sha256, name: string): Promise<ImageRecord> {
    return this.#connection.transaction(async (transaction) => {
      const image = await existing(transaction, sha256);
      if (image.name === name) return image;
      await freeName('image', name, nameIsTaken(transaction));
      await transaction.run(sql`UPDATE images SET name = ${name} WHERE sha256 = ${sha256}`);
      return { ...image, name };
    });
  }

  /** Forgets an image and its build records. Its runs stay, and name it by its digest. */
  async remove(sha256: Sha256): Promise<void> {
    await this.#connection.run(sql`DELETE FROM images WHERE sha256 = ${sha256}`);
  }

  /** The image that was built with this key of the incremental cache, and how. */
  async byBuildKey(key: Sha256): Promise<{ image: ImageRecord; build: BuildRecord } | undefined> {
    const row = await this.#connection.get<{ image_sha256: string; record: string }>(
      sql`SELECT image_sha256, record FROM builds WHERE key = ${key}`,
    );
    const image = row && (await this.bySha256(row.image_sha256));
    return image && { image, build: JSON.parse(row.record) as BuildRecord };
  }
}

interface ImageRow {
  id: number;
  sha256: string;
  kind: string;
  name: string;
  flavour: string | null;
  kernel_version: string | null;
  size: number;
  parts: string;
  patch: string | null;
  origin: string | null;
  created_at: string;
  build: string | null;
}

async function allImages(statements: Statements, where: Sql): Promise<ImageRecord[]> {
  const rows = await statements.all<ImageRow>({
    text: `SELECT images.*, (
        SELECT record FROM builds WHERE image_sha256 = images.sha256 ORDER BY id DESC LIMIT 1
      ) AS build
      FROM images ${where.text} ORDER BY id`,
    values: where.values,
  });
  return rows.map((row) => ({
    id: row.id,
    sha256: row.sha256,
    kind: row.kind as ImageKind,
    name: row.name,
    flavour: row.flavour,
    kernelVersion: row.kernel_version,
    size: row.size,
    build: row.build === null ? null : (JSON.parse(row.build) as BuildRecord),
    parts: JSON.parse(row.parts) as ImageRecord['parts'],
    patch: row.patch === null ? null : (JSON.parse(row.patch) as PatchRecord),
    origin: row.origin,
    createdAt: row.created_at,
  }));
}

async function oneImage(statements: Statements, where: Sql): Promise<ImageRecord | undefined> {
  return (await allImages(statements, where))[0];
}

async function existing(statements: Statements, sha256: Sha256): Promise<ImageRecord> {
  const image = await oneImage(statements, sql`WHERE sha256 = ${sha256}`);
  if (!image) throw databaseErrors.imageUnknown({ reference: sha256 });
  return image;
}

function nameIsTaken(statements: Statements): (name: string) => Promise<boolean> {
  return async (name) =>
    (await statements.get(sql`SELECT 1 FROM images WHERE name = ${name}`)) !== undefined;
}

async function insert(
  statements: Statements,
  image: NewImage,
  options: NameOptions | undefined,
): Promise<void> {
  const name = await freeName('image', image.name, nameIsTaken(statements), options);
  await statements.run(sql`
    INSERT INTO images
      (sha256, kind, name, flavour, kernel_version, size, parts, patch, origin, created_at)
    VALUES
      (${image.sha256}, ${image.kind}, ${name}, ${image.flavour}, ${image.kernelVersion},
       ${image.size}, ${toJson(image.parts)},
       ${image.patch === null ? null : toJson(image.patch)}, ${image.origin}, ${new Date().toISOString()})`);
}

/** Adds to a known image what the same bytes are now said to be as well. */
async function complete(
  statements: Statements,
  known: ImageRecord,
  image: NewImage,
): Promise<void> {
  // How the lab made a file says more than that it was once imported.
  const kind = known.kind === 'imported' ? image.kind : known.kind;
  const parts = known.parts.length > 0 ? known.parts : image.parts;
  await statements.run(sql`
    UPDATE images SET
      kind = ${kind},
      flavour = coalesce(flavour, ${image.flavour}),
      kernel_version = coalesce(kernel_version, ${image.kernelVersion}),
      parts = ${toJson(parts)},
      patch = coalesce(patch, ${image.patch === null ? null : toJson(image.patch)}),
      origin = coalesce(origin, ${image.origin})
    WHERE id = ${known.id}`);
}

/** The latest build of a key counts: it replaces an earlier one. */
async function saveBuild(
  statements: Statements,
  sha256: Sha256,
  build: BuildRecord,
): Promise<void> {
  await statements.run(sql`
    INSERT OR REPLACE INTO builds (key, image_sha256, record)
    VALUES (${build.key}, ${sha256}, ${toJson(build)})`);
}
