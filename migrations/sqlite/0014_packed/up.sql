-- States and facts are kept packed (engine/store/src/packed). Those that are there stay as they are, JSON, which is read too.
CREATE TABLE instance_as_is (
    id INTEGER NOT NULL PRIMARY KEY,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    document BLOB NOT NULL,
    head BLOB NOT NULL
);
INSERT INTO instance_as_is (id, shard, revision, document, head)
SELECT id, shard, revision, CAST(document AS BLOB), head FROM instance;
DROP TABLE instance;
ALTER TABLE instance_as_is RENAME TO instance;

CREATE TABLE event_as_is (
    shard SMALLINT NOT NULL,
    instance BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT,
    command TEXT NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (instance, revision)
);
INSERT INTO event_as_is (shard, instance, revision, at_ms, actor, command, body, hash)
SELECT shard, instance, revision, at_ms, actor, command, CAST(body AS BLOB), hash FROM event ORDER BY rowid;
DROP TABLE event;
ALTER TABLE event_as_is RENAME TO event;
