SELECT table_schema, table_name, table_type
  FROM information_schema.tables
 WHERE table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
   AND lower(table_schema) NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys', 'ndbinfo')
