-- Who works on one database, and who looks after which shards. A node that lives makes its beat greater; one whose beat
-- stands still is dead to the others, by their own clocks. The epoch of a slice grows with each new holder, so that what
-- a former holder still has in hand is told from the work of the present one.
CREATE TABLE node (
    name TEXT NOT NULL PRIMARY KEY,
    beat BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TABLE shard_lease (
    slice SMALLINT NOT NULL PRIMARY KEY,
    holder TEXT,
    epoch BIGINT NOT NULL
) WITHOUT ROWID;
WITH RECURSIVE counted (slice) AS (SELECT 0 UNION ALL SELECT slice + 1 FROM counted WHERE slice < 63)
INSERT INTO shard_lease (slice, epoch) SELECT slice, 0 FROM counted;

-- Which node has an owed effect in hand: when it dies, the effect is free at once.
ALTER TABLE outbox ADD COLUMN holder TEXT;

-- A number is nobody else's since it comes from a block that one node reserved. An index over all shards cannot promise
-- that where each shard may lie on a machine of its own; the doctor looks.
DROP INDEX case_by_number;
CREATE INDEX case_by_number ON case_row (number);
