ALTER TABLE outbox DROP COLUMN holder;
DROP TABLE shard_lease;
DROP TABLE node;
