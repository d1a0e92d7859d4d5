-- A server logs of a row's new version only what differs from the old one between a common beginning and a common end. So
-- what always changes stands before the document, in which what seldom changes stands last.
CREATE TABLE instance_in_order (
    id BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    head BYTEA NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (shard, id)
) WITH (fillfactor = 70);
INSERT INTO instance_in_order (id, shard, revision, head, document) SELECT id, shard, revision, head, document FROM instance;
DROP TABLE instance;
ALTER TABLE instance_in_order RENAME TO instance;
ALTER INDEX instance_in_order_pkey RENAME TO instance_pkey;
