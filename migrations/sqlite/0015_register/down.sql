DELETE FROM awaited WHERE subject LIKE 'found:%';
DROP INDEX awaited_by_instance;
DROP TABLE entry_revision;
DROP TABLE register_definition;
