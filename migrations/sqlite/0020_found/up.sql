-- Records that are over are found apart from those that are open, so that what was done long ago is not read for the latter.
UPDATE awaited
SET subject = CASE
        WHEN EXISTS (
            SELECT 1 FROM case_row
            WHERE case_row.shard = awaited.shard AND case_row.id = awaited.instance AND case_row.status = 'ended'
        ) THEN 'over:'
        ELSE 'open:'
    END || substr(subject, 7)
WHERE subject >= 'found:' AND subject < 'found;';
