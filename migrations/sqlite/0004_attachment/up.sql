-- The bytes of the files that a record holds, each once, under their SHA-256 in hex. What the files are called, who brought
-- them and when is in the record's state.
CREATE TABLE attachment (
    instance BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    shard SMALLINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (instance, sha256)
);
