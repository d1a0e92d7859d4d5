DROP INDEX case_by_number;
CREATE UNIQUE INDEX case_by_number ON case_row (number);
ALTER TABLE outbox DROP COLUMN holder;
DROP TABLE shard_lease;
DROP TABLE node;
