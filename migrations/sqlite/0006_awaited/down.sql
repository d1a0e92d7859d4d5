ALTER TABLE outbox DROP COLUMN problem;
ALTER TABLE outbox DROP COLUMN retry_ms;
ALTER TABLE outbox DROP COLUMN tries;
DROP TABLE awaited;
