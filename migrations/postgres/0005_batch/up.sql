-- Orders to many records at once. The body says what to do with which records. Whoever works on a batch holds it until
-- an instant, so that another takes it up where nobody does any more.
CREATE TABLE batch (
    id BIGINT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    ordered_at_ms BIGINT NOT NULL,
    total BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    ended_at_ms BIGINT,
    holder TEXT COLLATE "C",
    held_until_ms BIGINT NOT NULL
);
CREATE INDEX batch_by_state ON batch (state, id);

-- What became of each record of a batch: the revision that it led to, or why nothing was done. The row of a record is
-- written with the record's own commit, so it lies on the record's shard; the least instance is how far a batch has come.
CREATE TABLE batch_line (
    batch BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    revision BIGINT,
    why TEXT,
    PRIMARY KEY (shard, batch, instance)
);
CREATE INDEX batch_line_in_order ON batch_line (batch, instance);
