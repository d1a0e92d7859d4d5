DROP TABLE setting;
ALTER TABLE definition DROP COLUMN change_record;
