-- What each record adds to the measures of its process, worked out behind the commits from the records' states: the day on
-- which it counts, the values that split the measure, how much. Beside it stands by what boards are filtered.
CREATE TABLE measured (
    process TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    split TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    priority TEXT COLLATE "C",
    team TEXT COLLATE "C",
    service TEXT COLLATE "C",
    PRIMARY KEY (shard, instance, measure)
);
CREATE INDEX measured_in_order ON measured (process, measure, day, split, amount);

-- How far that has come: the revision of each record that was measured last, and the definition whose measures were meant.
CREATE TABLE measured_record (
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (shard, instance)
);
