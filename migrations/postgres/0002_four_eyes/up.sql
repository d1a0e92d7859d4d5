-- What a deployment answers for: the change record under which it was approved, where one was named.
ALTER TABLE definition ADD COLUMN change_record TEXT;

-- What an administrator decided for the installation, and who it was. What nobody decided has no row.
CREATE TABLE setting (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at_ms BIGINT NOT NULL
);
