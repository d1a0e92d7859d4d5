-- A server logs of a row's new version only what lies between the first and the last difference from the old one: what
-- changes together stands together. The key begins with the identity, by which lines are read in order across shards, so that
-- no second index holds it. The address of a definition is its bytes, half as many as its text has.
CREATE TABLE case_row_in_order (
    id BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    due_ms BIGINT,
    ended_ms BIGINT,
    shard SMALLINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    stage TEXT NOT NULL,
    priority TEXT,
    team TEXT,
    service TEXT,
    requester TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    process TEXT NOT NULL,
    definition BYTEA NOT NULL,
    PRIMARY KEY (id, shard)
) WITH (fillfactor = 80);
INSERT INTO case_row_in_order (
    id, started_ms, updated_ms, due_ms, ended_ms, shard, status, stage, priority, team, service, requester,
    number, title, process, definition
) SELECT
    id, started_ms, updated_ms, due_ms, ended_ms, shard, status, stage, priority, team, service, requester,
    number, title, process, decode(definition, 'hex')
FROM case_row;
DROP TABLE case_row;
ALTER TABLE case_row_in_order RENAME TO case_row;
ALTER INDEX case_row_in_order_pkey RENAME TO case_row_pkey;
CREATE INDEX case_by_number ON case_row (number);
CREATE INDEX case_by_requester ON case_row (requester, id);
CREATE INDEX case_by_definition ON case_row (definition, status, id);
CREATE INDEX case_by_end ON case_row (definition, ended_ms) WHERE ended_ms IS NOT NULL;
