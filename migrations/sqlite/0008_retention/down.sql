DROP INDEX case_by_end;
DROP TABLE held_record;
DROP TABLE legal_hold;
