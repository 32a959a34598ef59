SELECT t.table_schema, t.table_name, t.engine
  FROM information_schema.tables t
  JOIN information_schema.engines e ON e.engine = t.engine
 WHERE t.table_type = 'BASE TABLE' AND e.transactions = 'NO'
   AND lower(t.table_schema) NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys', 'ndbinfo')
