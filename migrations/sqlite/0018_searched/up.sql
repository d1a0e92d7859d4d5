-- The words by which a record is found, filled behind the commits. What they are is worked out by us, so the tokenizer only
-- takes apart what stands between spaces; of a word nothing is kept but the records in which it stands.
CREATE VIRTUAL TABLE search_text USING fts5(
    words,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "ascii tokenchars '@~_:-./'"
);

-- How far that has come: the revision of each record whose words those are, and by which edition of our rules.
CREATE TABLE searched (
    instance BIGINT NOT NULL PRIMARY KEY,
    shard SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    edition SMALLINT NOT NULL
);
