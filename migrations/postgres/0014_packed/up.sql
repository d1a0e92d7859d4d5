-- States and facts are kept packed (engine/store/src/packed). Those that are there stay as they are, JSON, which is read too.
ALTER TABLE instance ALTER COLUMN document TYPE BYTEA USING convert_to(document, 'UTF8');
ALTER TABLE event ALTER COLUMN body TYPE BYTEA USING convert_to(body, 'UTF8');
