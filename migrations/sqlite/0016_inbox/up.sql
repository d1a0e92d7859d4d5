-- An address of the inbox under a name: for its owner alone, or for a role or team as tasks name them.
CREATE TABLE saved_view (
    id BIGINT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared_with TEXT
);
CREATE INDEX saved_view_by_owner ON saved_view (owner);
CREATE INDEX saved_view_by_share ON saved_view (shared_with) WHERE shared_with IS NOT NULL;

-- Tasks that one person does not want to see until then. Nothing else knows of it: no clock waits.
CREATE TABLE snoozed (
    person TEXT NOT NULL,
    instance BIGINT NOT NULL,
    task INTEGER NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (person, instance, task)
) WITHOUT ROWID;

-- How somebody wants the pages to be.
CREATE TABLE preference (
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person, name)
) WITHOUT ROWID;
