-- What must not be removed, whoever's time has come: an order with a reason, and the records that it names. A hold that
-- was released stays as a row and holds nothing.
CREATE TABLE legal_hold (
    id BIGINT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at_ms BIGINT NOT NULL,
    released_by TEXT,
    released_at_ms BIGINT,
    release_reason TEXT
);
CREATE TABLE held_record (
    hold BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    PRIMARY KEY (instance, hold)
);

-- Records that are over, by the end: written once in the life of a record.
CREATE INDEX case_by_end ON case_row (definition, ended_ms) WHERE ended_ms IS NOT NULL;
