-- The order of columns is another one on a server; here it makes no difference.
SELECT 1;
