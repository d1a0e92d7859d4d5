-- See up.sql.
CREATE TABLE case_row_before (
    id BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    process TEXT NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    stage TEXT NOT NULL,
    priority TEXT,
    requester TEXT COLLATE "C" NOT NULL,
    team TEXT,
    service TEXT,
    started_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    due_ms BIGINT,
    PRIMARY KEY (shard, id)
) WITH (fillfactor = 80);
INSERT INTO case_row_before (
    id, shard, number, title, process, definition, status, stage, priority, requester, team, service, started_ms,
    updated_ms, ended_ms, due_ms
) SELECT
    id, shard, number, title, process, encode(definition, 'hex'), status, stage, priority, requester, team, service, started_ms,
    updated_ms, ended_ms, due_ms
FROM case_row;
DROP TABLE case_row;
ALTER TABLE case_row_before RENAME TO case_row;
ALTER INDEX case_row_before_pkey RENAME TO case_row_pkey;
CREATE INDEX case_by_number ON case_row (number);
CREATE INDEX case_by_id ON case_row (id);
CREATE INDEX case_by_requester ON case_row (requester, id);
CREATE INDEX case_by_definition ON case_row (definition, status, id);
CREATE INDEX case_by_end ON case_row (definition, ended_ms) WHERE ended_ms IS NOT NULL;
