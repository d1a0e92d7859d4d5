CREATE TABLE instance_before (
    id BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    head BYTEA NOT NULL,
    PRIMARY KEY (shard, id)
) WITH (fillfactor = 70);
INSERT INTO instance_before (id, shard, revision, document, head) SELECT id, shard, revision, document, head FROM instance;
DROP TABLE instance;
ALTER TABLE instance_before RENAME TO instance;
ALTER INDEX instance_before_pkey RENAME TO instance_pkey;
