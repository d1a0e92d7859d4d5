-- See up.sql.
CREATE TABLE case_row_before (
    id INTEGER NOT NULL PRIMARY KEY,
    shard SMALLINT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    process TEXT NOT NULL,
    definition TEXT NOT NULL,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    priority TEXT,
    requester TEXT NOT NULL,
    team TEXT,
    service TEXT,
    started_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    due_ms BIGINT
);
INSERT INTO case_row_before (
    id, shard, number, title, process, definition, status, stage, priority, requester, team, service, started_ms,
    updated_ms, ended_ms, due_ms
) SELECT
    id, shard, number, title, process, lower(hex(definition)), status, stage, priority, requester, team, service, started_ms,
    updated_ms, ended_ms, due_ms
FROM case_row;
DROP TABLE case_row;
ALTER TABLE case_row_before RENAME TO case_row;
CREATE INDEX case_by_number ON case_row (number);
CREATE INDEX case_by_requester ON case_row (requester, id);
CREATE INDEX case_by_definition ON case_row (definition, status, id);
CREATE INDEX case_by_end ON case_row (definition, ended_ms) WHERE ended_ms IS NOT NULL;
