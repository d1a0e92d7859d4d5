DROP TABLE searched;
DROP TABLE search_text;
