-- Patched kernels, and how each was patched. SQLite cannot change a CHECK, so that the table is
-- made anew; builds refers to it and moves along, or dropping images would delete its rows.

CREATE TABLE images_new (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256         TEXT NOT NULL UNIQUE,
  kind           TEXT NOT NULL CHECK (kind IN ('built', 'merged', 'patched', 'imported')),
  name           TEXT NOT NULL UNIQUE,
  flavour        TEXT,
  kernel_version TEXT,
  size           INTEGER NOT NULL,
  parts          TEXT NOT NULL, -- JSON: [{label, sha256}], base last; of a patched one its origin
  patch          TEXT,          -- JSON: PatchRecord
  origin         TEXT,
  created_at     TEXT NOT NULL
) STRICT;

INSERT INTO images_new
  (id, sha256, kind, name, flavour, kernel_version, size, parts, origin, created_at)
  SELECT id, sha256, kind, name, flavour, kernel_version, size, parts, origin, created_at
  FROM images;

-- Ids of images that were removed must not be given out again.
UPDATE sqlite_sequence
  SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'images')
  WHERE name = 'images_new';

CREATE TABLE builds_new (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  key          TEXT NOT NULL UNIQUE,
  image_sha256 TEXT NOT NULL REFERENCES images_new (sha256) ON DELETE CASCADE,
  record       TEXT NOT NULL -- JSON: BuildRecord
) STRICT;

INSERT INTO builds_new (id, key, image_sha256, record)
  SELECT id, key, image_sha256, record FROM builds;

DROP TABLE builds;
DROP TABLE images;
ALTER TABLE images_new RENAME TO images;
ALTER TABLE builds_new RENAME TO builds;

CREATE INDEX builds_by_image ON builds (image_sha256);
