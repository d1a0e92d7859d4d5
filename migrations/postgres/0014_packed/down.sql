-- SQL cannot unpack: where a row is packed this fails, and changes nothing. JSON begins with a bracket or a brace.
CREATE TEMPORARY TABLE plain (first_byte INTEGER NOT NULL CONSTRAINT rows_are_packed CHECK (first_byte IN (91, 123))) ON COMMIT DROP;
INSERT INTO plain SELECT get_byte(document, 0) FROM instance UNION ALL SELECT get_byte(body, 0) FROM event;
ALTER TABLE instance ALTER COLUMN document TYPE TEXT USING convert_from(document, 'UTF8');
ALTER TABLE event ALTER COLUMN body TYPE TEXT USING convert_from(body, 'UTF8');
