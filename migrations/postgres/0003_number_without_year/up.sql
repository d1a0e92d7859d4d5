-- A pattern of numbers without a year counts on through all years, under the year 0: from where the process has come.
INSERT INTO number_block (process, year, next)
SELECT process, 0, MAX(next) FROM number_block GROUP BY process;
