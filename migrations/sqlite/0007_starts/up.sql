-- Up to which moment each schedule of a process has begun its records, by its place in the definition.
CREATE TABLE schedule_reached (
    process TEXT NOT NULL,
    place SMALLINT NOT NULL,
    reached_ms BIGINT NOT NULL,
    PRIMARY KEY (process, place)
) WITHOUT ROWID;

-- The record that the messages with a key begin: taken by the first of them, before the record is there.
CREATE TABLE correlation (
    process TEXT NOT NULL,
    message TEXT NOT NULL,
    message_key TEXT NOT NULL,
    instance BIGINT NOT NULL,
    PRIMARY KEY (process, message, message_key)
) WITHOUT ROWID;
CREATE INDEX correlation_by_instance ON correlation (instance);
