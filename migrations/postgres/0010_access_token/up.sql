-- Tokens with which machines work: each for a person, by its hash. One that was revoked stays as a row and opens nothing.
CREATE TABLE access_token (
    id BIGINT NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    person TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    made_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT,
    used_at_ms BIGINT
);
