-- What each record adds to the measures of its process, worked out behind the commits from the records' states: the day on
-- which it counts, the values that split the measure, how much. Beside it stands by what boards are filtered.
CREATE TABLE measured (
    process TEXT NOT NULL,
    measure TEXT NOT NULL,
    day TEXT NOT NULL,
    split TEXT NOT NULL,
    amount BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    priority TEXT,
    team TEXT,
    service TEXT,
    PRIMARY KEY (process, measure, day, split, amount, instance)
) WITHOUT ROWID;
CREATE INDEX measured_by_instance ON measured (instance);

-- How far that has come: the revision of each record that was measured last, and the definition whose measures were meant.
CREATE TABLE measured_record (
    instance BIGINT NOT NULL PRIMARY KEY,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    definition TEXT NOT NULL
);
