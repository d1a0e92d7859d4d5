-- What was tried in vain, for operators to look at. What is performed at the first try never touches it.
CREATE INDEX outbox_undelivered ON outbox (at_ms, instance, revision, ordinal) WHERE tries > 0;
