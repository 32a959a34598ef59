SELECT table_schema, table_name, column_name, data_type, column_type, character_maximum_length,
       numeric_precision, numeric_scale, datetime_precision, character_set_name, collation_name,
       is_nullable, extra, column_default
  FROM information_schema.columns
 WHERE table_schema IN (:schemas)
 ORDER BY table_schema, table_name, ordinal_position
