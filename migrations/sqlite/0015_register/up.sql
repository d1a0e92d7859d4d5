-- What the language declares of registers, a row for each version; the newest is current.
CREATE TABLE register_definition (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    deployed_at_ms BIGINT NOT NULL,
    author TEXT NOT NULL,
    approver TEXT NOT NULL,
    reason TEXT NOT NULL,
    change_record TEXT,
    PRIMARY KEY (name, version)
) WITHOUT ROWID;

-- Every change of an entry, with the whole of what it said from then on: who, when, why, and under which record.
CREATE TABLE entry_revision (
    register TEXT NOT NULL,
    entry TEXT NOT NULL,
    revision INTEGER NOT NULL,
    at_ms BIGINT NOT NULL,
    by_person TEXT,
    under_record TEXT,
    reason TEXT NOT NULL,
    label_en TEXT NOT NULL,
    label_zh TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (register, entry, revision)
) WITHOUT ROWID;
CREATE INDEX entry_revision_by_record ON entry_revision (under_record) WHERE under_record IS NOT NULL;

-- Records are found under values of their fields too, and stay so when they are over: what is removed is looked for by record.
CREATE INDEX awaited_by_instance ON awaited (instance);
