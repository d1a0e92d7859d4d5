-- The first schema: what `migrations/sqlite` builds under the same number, laid out for a server and for several.
-- Times are milliseconds since 1970 in UTC; identities are made by the application; a shard is the hash of the root
-- instance, 0 to 1023, and comes first in the key of everything that a step writes, so that a step is a transaction on
-- one shard. No triggers, sequences, database clocks or foreign keys. Texts are compared by their bytes, as in SQLite.

-- The hot row: the state as one document. Nothing that a step changes is indexed, and pages keep room, so that a new
-- version of a row lies beside the old one and no index hears of it.
CREATE TABLE instance (
    id BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    head BYTEA NOT NULL,
    PRIMARY KEY (shard, id)
) WITH (fillfactor = 70);

-- One row per commit: history, audit and operator log in one. The hash covers the row and the hash before it.
CREATE TABLE event (
    shard SMALLINT NOT NULL,
    instance BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT,
    command TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (shard, instance, revision)
);

-- Open tasks only: one narrow row per task and principal that may do it; the index holds them in the order in which
-- inboxes show them. A task without a due has the greatest number there is. A taken task has one more row, of its assignee.
CREATE TABLE open_task (
    principal TEXT COLLATE "C" NOT NULL,
    taken SMALLINT NOT NULL,
    due_ms BIGINT NOT NULL,
    opened_ms BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    task INTEGER NOT NULL,
    shard SMALLINT NOT NULL,
    step TEXT NOT NULL,
    assignee TEXT,
    PRIMARY KEY (shard, instance, task, principal)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX open_task_in_order ON open_task (principal, taken, due_ms, opened_ms, instance, task);

-- The instances that time will move.
CREATE TABLE wake (
    due_ms BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    PRIMARY KEY (shard, instance)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX wake_in_order ON wake (due_ms, instance);

-- The line of a record in lists. Status and what never changes is indexed, nothing else. The records of a process
-- are those of its definitions, so no index names the process.
CREATE TABLE case_row (
    id BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    process TEXT NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    stage TEXT NOT NULL,
    priority TEXT,
    requester TEXT COLLATE "C" NOT NULL,
    team TEXT,
    service TEXT,
    started_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    due_ms BIGINT,
    PRIMARY KEY (shard, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX case_by_number ON case_row (number);
CREATE INDEX case_by_id ON case_row (id);
CREATE INDEX case_by_requester ON case_row (requester, id);
CREATE INDEX case_by_definition ON case_row (definition, status, id);

-- Effects that are owed; the index holds them in the order in which they came about.
CREATE TABLE outbox (
    at_ms BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    shard SMALLINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (shard, instance, revision, ordinal)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX outbox_in_order ON outbox (at_ms, instance, revision, ordinal);

-- What people were told. The key is that of the owed effect, so that telling twice is telling once.
CREATE TABLE notification (
    person TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    effect TEXT COLLATE "C" NOT NULL,
    text_en TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    link TEXT NOT NULL,
    read_at_ms BIGINT,
    PRIMARY KEY (person, at_ms, effect)
);
CREATE INDEX notification_unread ON notification (person) WHERE read_at_ms IS NULL;

-- Definitions never change; a deployment adds one.
CREATE TABLE definition (
    process TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    source TEXT NOT NULL,
    parts TEXT NOT NULL,
    deployed_at_ms BIGINT NOT NULL,
    author TEXT NOT NULL,
    approver TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (process, version)
);
CREATE INDEX definition_by_id ON definition (id);

-- The next number of a process and year that nobody has reserved.
CREATE TABLE number_block (
    process TEXT COLLATE "C" NOT NULL,
    year SMALLINT NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (process, year)
);

CREATE TABLE register_entry (
    register TEXT COLLATE "C" NOT NULL,
    entry TEXT COLLATE "C" NOT NULL,
    label_en TEXT NOT NULL,
    label_zh TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (register, entry)
);

CREATE TABLE calendar (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE person (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sign_in TEXT COLLATE "C" NOT NULL,
    name_en TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE UNIQUE INDEX person_by_sign_in ON person (sign_in);

-- The roles (kind `role`) and teams (kind `team`) of people.
CREATE TABLE standing (
    person TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, kind, name)
);

CREATE TABLE password (
    person TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    set_at_ms BIGINT NOT NULL
);

-- Sessions by the hash of their token; the token itself is only in the browser.
CREATE TABLE session (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    csrf TEXT NOT NULL
);
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_expiry ON session (expires_at_ms);

-- The audit trail of the installation: one chain of hashes. The subject is what questions are asked by. The sequence
-- is what keeps two nodes from writing the same link.
CREATE TABLE audit (
    sequence BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    actor TEXT,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL
);
CREATE INDEX audit_by_subject ON audit (kind, subject, at_ms);
