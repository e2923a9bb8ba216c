-- Times are ISO 8601 text in UTC, digests lower-case hexadecimal, instruction
-- counts integers. An owner is PID-START-BOOT, the word of db/owner.ts.

CREATE TABLE schema_migrations (
  version    INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE images (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256         TEXT NOT NULL UNIQUE,
  kind           TEXT NOT NULL CHECK (kind IN ('built', 'merged', 'imported')),
  name           TEXT NOT NULL UNIQUE,
  flavour        TEXT,
  kernel_version TEXT,
  size           INTEGER NOT NULL,
  parts          TEXT NOT NULL, -- JSON: [{label, sha256}], base last
  origin         TEXT,
  created_at     TEXT NOT NULL
) STRICT;

-- Apart from images, since two keys may give the same bytes.
CREATE TABLE builds (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  key          TEXT NOT NULL UNIQUE,
  image_sha256 TEXT NOT NULL REFERENCES images (sha256) ON DELETE CASCADE,
  record       TEXT NOT NULL -- JSON: BuildRecord
) STRICT;

CREATE INDEX builds_by_image ON builds (image_sha256);

CREATE TABLE experiments (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL UNIQUE,
  note        TEXT NOT NULL,
  plan        TEXT NOT NULL, -- JSON: Plan
  plan_hash   TEXT NOT NULL,
  state       TEXT NOT NULL
              CHECK (state IN ('planned', 'running', 'done', 'failed', 'interrupted')),
  owner       TEXT,          -- while running
  created_at  TEXT NOT NULL,
  finished_at TEXT
) STRICT;

CREATE TABLE runs (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  experiment_id       INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  cell                INTEGER NOT NULL,
  repetition          INTEGER NOT NULL,
  image_sha256        TEXT NOT NULL, -- outlives the image
  label               TEXT NOT NULL,
  environment         TEXT NOT NULL,
  state               TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
  owner               TEXT NOT NULL,
  outcome             TEXT,
  evidence            TEXT,
  input_hash          TEXT NOT NULL,
  program             TEXT NOT NULL,
  argv                TEXT NOT NULL, -- JSON: [word]
  kernel_command_line TEXT NOT NULL,
  xen_command_line    TEXT,
  versions            TEXT NOT NULL, -- JSON: {emulator, xen, plugin}
  cpu                 TEXT NOT NULL,
  started_at          TEXT NOT NULL,
  finished_at         TEXT,
  wall                REAL,          -- milliseconds
  boot_user           INTEGER,
  boot_kernel         INTEGER,
  boot_hypervisor     INTEGER,
  mem_total_kib       INTEGER,
  memory_line         TEXT,
  counts_hash         TEXT           -- digest of every count, of runs that are done
) STRICT;

CREATE INDEX runs_by_experiment ON runs (experiment_id, cell, repetition);
CREATE INDEX runs_by_input ON runs (input_hash, counts_hash);
CREATE INDEX runs_by_environment ON runs (environment, state);

CREATE TABLE run_differences (
  run_id         INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  earlier_run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  PRIMARY KEY (run_id, earlier_run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE consoles (
  run_id    INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  deflated  BLOB NOT NULL,
  truncated INTEGER NOT NULL
) STRICT;

CREATE TABLE measurements (
  id               INTEGER PRIMARY KEY,
  run_id           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  workload         TEXT NOT NULL,
  iterations       INTEGER NOT NULL,
  instructions     INTEGER NOT NULL,
  statistic        TEXT NOT NULL CHECK (statistic IN ('mode', 'median')),
  split_user       INTEGER NOT NULL,
  split_kernel     INTEGER NOT NULL,
  split_hypervisor INTEGER NOT NULL,
  minimum          INTEGER NOT NULL,
  mean             REAL NOT NULL,
  maximum          INTEGER NOT NULL,
  disturbed        INTEGER NOT NULL,
  UNIQUE (run_id, workload)
) STRICT;

CREATE TABLE samples (
  id       INTEGER PRIMARY KEY,
  run_id   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  workload TEXT NOT NULL,
  counts   BLOB NOT NULL, -- deflated JSON: [[user...], [kernel...], [hypervisor...]]
  UNIQUE (run_id, workload)
) STRICT;

CREATE TABLE locks (
  name  TEXT PRIMARY KEY,
  what  TEXT NOT NULL,
  owner TEXT NOT NULL,
  since TEXT NOT NULL
) STRICT;
