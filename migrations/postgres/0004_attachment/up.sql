-- The bytes of the files that a record holds, each once, under their SHA-256 in hex. What the files are called, who brought
-- them and when is in the record's state. Most files are compressed already, so the server does not try.
CREATE TABLE attachment (
    shard SMALLINT NOT NULL,
    instance BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (shard, instance, sha256)
);
ALTER TABLE attachment ALTER COLUMN bytes SET STORAGE EXTERNAL;
