DROP TABLE measured_record;
DROP TABLE measured;
