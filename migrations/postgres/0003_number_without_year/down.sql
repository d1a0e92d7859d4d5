DELETE FROM number_block WHERE year = 0;
