-- SQL cannot unpack: where a row is packed this fails, and changes nothing. JSON begins with a bracket or a brace.
CREATE TABLE plain (first TEXT NOT NULL CONSTRAINT rows_are_packed CHECK (first IN ('{', '[')));
INSERT INTO plain SELECT CAST(substr(document, 1, 1) AS TEXT) FROM instance UNION ALL SELECT CAST(substr(body, 1, 1) AS TEXT) FROM event;
DROP TABLE plain;
CREATE TABLE instance_as_is (
    id INTEGER NOT NULL PRIMARY KEY,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    head BLOB NOT NULL
);
INSERT INTO instance_as_is (id, shard, revision, document, head)
SELECT id, shard, revision, CAST(document AS TEXT), head FROM instance;
DROP TABLE instance;
ALTER TABLE instance_as_is RENAME TO instance;

CREATE TABLE event_as_is (
    shard SMALLINT NOT NULL,
    instance BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT,
    command TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (instance, revision)
);
INSERT INTO event_as_is (shard, instance, revision, at_ms, actor, command, body, hash)
SELECT shard, instance, revision, at_ms, actor, command, CAST(body AS TEXT), hash FROM event ORDER BY rowid;
DROP TABLE event;
ALTER TABLE event_as_is RENAME TO event;
