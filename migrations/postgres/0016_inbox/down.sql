DROP TABLE preference;
DROP TABLE snoozed;
DROP TABLE saved_view;
