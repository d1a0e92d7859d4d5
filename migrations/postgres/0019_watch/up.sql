-- Who wants to be told what becomes of a record. It is no fact about the record: nothing of it waits for anybody here.
CREATE TABLE watch (
    instance BIGINT NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    shard SMALLINT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (shard, instance, person)
);
CREATE INDEX watch_by_person ON watch (person);
