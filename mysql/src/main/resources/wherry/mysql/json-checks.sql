SELECT constraint_schema, table_name, check_clause
  FROM information_schema.check_constraints
 WHERE constraint_schema IN (:schemas) AND check_clause LIKE 'json\_valid(%'
