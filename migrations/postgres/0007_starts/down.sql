DROP TABLE correlation;
DROP TABLE schedule_reached;
