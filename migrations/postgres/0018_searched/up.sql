-- The words by which a record is found, filled behind the commits. What they are is worked out by us; the server keeps them.
CREATE TABLE search_text (
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (shard, instance)
);
CREATE INDEX search_text_by_word ON search_text USING gin (words);
CREATE INDEX search_text_newest ON search_text (instance);

-- How far that has come: the revision of each record whose words those are, and by which edition of our rules.
CREATE TABLE searched (
    instance BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    edition SMALLINT NOT NULL,
    PRIMARY KEY (shard, instance)
);
