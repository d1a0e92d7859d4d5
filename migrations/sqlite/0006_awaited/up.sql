-- What instances wait for from elsewhere, under the subject by which those look who bring it: `job:NAME` for workers, from
-- the instant at which the job may be taken; `signal:NAME` for records that give signals.
CREATE TABLE awaited (
    subject TEXT NOT NULL,
    ready_ms BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    place INTEGER NOT NULL,
    shard SMALLINT NOT NULL,
    PRIMARY KEY (subject, ready_ms, instance, place)
) WITHOUT ROWID;

-- An owed effect that could not be performed: how often it was tried, when it is tried again, and why it failed.
ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN retry_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN problem TEXT;
