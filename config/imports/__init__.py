"""Files of rows that people bring: kept between preview and confirmation, read line by line, told in words."""
