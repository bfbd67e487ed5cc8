# case: SHOW TABLES, COLUMNS and PARTITIONS
spark.sql(f"CREATE DATABASE say1 COMMENT 'the shop' LOCATION '{at('say1')}'")
spark.createDataFrame([(1, 'x', 2.5), (2, 'y', 3.5)], 'id int, k string, v double').write.partitionBy('k').saveAsTable('say1.t')
spark.sql("CREATE TABLE say1.u (id INT COMMENT 'the id', name STRING, p DECIMAL(10,2)) USING csv OPTIONS (header 'true') COMMENT 'a table' TBLPROPERTIES ('a'='b')")
told("SHOW TABLES IN say1", "SHOW TABLES IN say1 LIKE 't*'", "SHOW TABLES FROM say1 't|u'", "SHOW TABLES IN nothing", "SHOW DATABASES LIKE 'say1'", "SHOW SCHEMAS LIKE 'say1|zz'",
     "SHOW COLUMNS IN say1.t", "SHOW COLUMNS FROM t IN say1", "SHOW COLUMNS IN say1.nothing", "SHOW PARTITIONS say1.t", "SHOW PARTITIONS say1.t PARTITION (k='x')",
     "SHOW PARTITIONS say1.u", "SHOW VIEWS IN say1", "SHOW CURRENT NAMESPACE", "SHOW CATALOGS")

# case: SHOW CREATE TABLE and TBLPROPERTIES
spark.sql(f"CREATE DATABASE say2 LOCATION '{at('say2')}'")
spark.createDataFrame([(1, 'x', 2.5)], 'id int, k string, v double').write.partitionBy('k').saveAsTable('say2.t')
spark.sql("CREATE TABLE say2.u (id INT COMMENT 'the id', name STRING, s STRUCT<a: INT, b: STRING> COMMENT 'it, has') USING json COMMENT 'a table' TBLPROPERTIES ('a'='b', z=1)")
spark.createDataFrame([(1, 'x', 2.5)], 'id int, k string, v double').write.bucketBy(2, 'id').sortBy('v').saveAsTable('say2.b')
spark.createDataFrame([(1, 'x')], 'id int, k string').write.format('csv').option('header', 'true').option('sep', '|').saveAsTable('say2.c')
told("SHOW CREATE TABLE say2.t", "SHOW CREATE TABLE say2.u", "SHOW CREATE TABLE say2.b", "SHOW CREATE TABLE say2.c", "SHOW CREATE TABLE say2.nothing", "SHOW TBLPROPERTIES say2.u",
     "SHOW TBLPROPERTIES say2.u ('a')", "SHOW TBLPROPERTIES say2.u ('zz')", "SHOW TBLPROPERTIES say2.c", "SELECT * FROM say2.c")

# case: DESCRIBE
spark.sql(f"CREATE DATABASE say3 COMMENT 'the shop' LOCATION '{at('say3')}'")
spark.createDataFrame([(1, 'x', 2.5)], 'id int, k string, v double').write.partitionBy('k').saveAsTable('say3.t')
spark.sql("CREATE TABLE say3.u (id INT COMMENT 'the id', name STRING) USING parquet")
spark.range(1).createOrReplaceTempView('a_view')
rows = [row for row in spark.sql('DESCRIBE EXTENDED say3.t').collect() if row.col_name in ('id', '# Detailed Table Information', 'Table', 'Type', 'Provider', 'Partition Provider', 'Serde Library')]
rows, told("DESCRIBE say3.t", "DESC TABLE say3.u", "DESCRIBE say3.t k", "DESCRIBE say3.u id", "DESCRIBE say3.u nothing", "DESC say3.nothing", "DESCRIBE QUERY SELECT 1 a", "DESCRIBE SELECT 1 a, 'x' b",
           "DESCRIBE say3.t PARTITION (k='x')", "DESCRIBE say3.t PARTITION (k='zz')", "DESCRIBE a_view")

# case: ALTER TABLE ADD COLUMNS
spark.sql(f"CREATE DATABASE say4 LOCATION '{at('say4')}'")
spark.createDataFrame([(1, 'x', 2.5)], 'id int, k string, v double').write.partitionBy('k').saveAsTable('say4.t')
told("ALTER TABLE say4.t ADD COLUMNS (w BIGINT COMMENT 'more', m MAP<STRING, INT> COMMENT 'a map')", "DESCRIBE say4.t", "SELECT * FROM say4.t", "ALTER TABLE say4.t ADD COLUMNS (w BIGINT)",
     "INSERT INTO say4.t VALUES (2, 3.5, 7, map('a', 1), 'y')", "SELECT * FROM say4.t ORDER BY id", "ALTER TABLE say4.t CHANGE COLUMN v v DOUBLE COMMENT 'the value'",
     "ALTER TABLE say4.t CHANGE COLUMN v v BIGINT", "ALTER TABLE say4.t RENAME COLUMN v TO w", "ALTER TABLE say4.t DROP COLUMN v", "DESCRIBE say4.t")

# case: ALTER TABLE and its partitions
spark.sql(f"CREATE DATABASE say5 LOCATION '{at('say5')}'")
spark.createDataFrame([(1, 'x', 2.5)], 'id int, k string, v double').write.partitionBy('k').saveAsTable('say5.t')
before = told("ALTER TABLE say5.t ADD PARTITION (k='q')", f"ALTER TABLE say5.t ADD IF NOT EXISTS PARTITION (k='q') LOCATION '{at('elsewhere')}' PARTITION (k='r') LOCATION '{at('elsewhere')}'",
              "ALTER TABLE say5.t ADD PARTITION (k='q')", "ALTER TABLE say5.t ADD PARTITION (nn='q')", "SHOW PARTITIONS say5.t", "ALTER TABLE say5.t DROP PARTITION (k='q')",
              "ALTER TABLE say5.t DROP PARTITION (k='zz')", "ALTER TABLE say5.t DROP IF EXISTS PARTITION (k='zz')", "ALTER TABLE say5.t DROP PARTITION (k < 'zz')",
              "ALTER TABLE say5.t PARTITION (k='x') RENAME TO PARTITION (k='s')", "SHOW PARTITIONS say5.t", "SELECT * FROM say5.t", "ALTER TABLE say5.t DROP PARTITION (k='s') PURGE")
before, names('say5/t'), spark.table('say5.t')

# case: partitions of several keys
spark.sql(f"CREATE DATABASE say6 LOCATION '{at('say6')}'")
told("CREATE TABLE say6.p (a INT, d DATE, k INT) USING parquet PARTITIONED BY (d, k)",
     "INSERT INTO say6.p VALUES (1, DATE'2024-01-01', 5), (2, DATE'2024-01-02', 5), (3, DATE'2024-01-02', NULL)", "SHOW PARTITIONS say6.p",
     "ALTER TABLE say6.p DROP PARTITION (k=05, d='2024-01-01')", "SHOW PARTITIONS say6.p", "ALTER TABLE say6.p DROP PARTITION (d=DATE'2024-01-02')", "SHOW PARTITIONS say6.p",
     "ALTER TABLE say6.p ADD PARTITION (d='2024-05-01')", "ALTER TABLE say6.p ADD PARTITION (k=07, d='2024-05-01')", "SHOW PARTITIONS say6.p", "SELECT * FROM say6.p",
     "INSERT INTO say6.p PARTITION (d=\"2024-06-01\", k) VALUES (4, 9)", "SELECT * FROM say6.p")

# case: MSCK REPAIR TABLE
spark.sql(f"CREATE DATABASE say7 LOCATION '{at('say7')}'")
spark.sql("CREATE TABLE say7.p (a INT, k STRING) USING parquet PARTITIONED BY (k)")
spark.createDataFrame([(9,)], 'a int').write.parquet(at('say7/p/k=a b'))
spark.createDataFrame([(8,)], 'a int').write.parquet(at('say7/p/other'))
found = told("SELECT * FROM say7.p", "MSCK REPAIR TABLE say7.p", "SELECT * FROM say7.p", "SHOW PARTITIONS say7.p")
spark.createDataFrame([(7,)], 'a int').write.parquet(at('say7/p/k=c'))
spark.catalog.recoverPartitions('say7.p')
found, told("SHOW PARTITIONS say7.p", "CREATE TABLE say7.u (a INT) USING parquet", "MSCK REPAIR TABLE say7.u", "ALTER TABLE say7.p RECOVER PARTITIONS", "REPAIR TABLE say7.p")

# case: ALTER TABLE RENAME
spark.sql(f"CREATE DATABASE say8 LOCATION '{at('say8')}'")
spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string').write.partitionBy('k').saveAsTable('say8.t')
spark.range(2).write.option('path', at('place')).saveAsTable('say8.e')
found = told("ALTER TABLE say8.t RENAME TO say8.t2", "SHOW TABLES IN say8", "SELECT * FROM say8.t2 ORDER BY id", "SHOW PARTITIONS say8.t2", "SELECT * FROM say8.t", "ALTER TABLE say8.t2 RENAME TO t3",
             "ALTER TABLE say8.nothing RENAME TO say8.x", "ALTER TABLE say8.e RENAME TO say8.t3", "ALTER TABLE say8.e RENAME TO say8.f", "SELECT * FROM say8.f ORDER BY id")
found, [name for name in names('say8') if 'parquet' in name], names('place')

# case: ALTER TABLE SET and UNSET
spark.sql(f"CREATE DATABASE say9 LOCATION '{at('say9')}'")
spark.sql("CREATE TABLE say9.u (id INT) USING parquet TBLPROPERTIES ('a'='b')")
told("ALTER TABLE say9.u SET TBLPROPERTIES ('a'='c', 'd'='e', 'comment'='new')", "SHOW TBLPROPERTIES say9.u", "SHOW CREATE TABLE say9.u", "ALTER TABLE say9.u UNSET TBLPROPERTIES ('d')",
     "ALTER TABLE say9.u UNSET TBLPROPERTIES ('zz')", "ALTER TABLE say9.u UNSET TBLPROPERTIES IF EXISTS ('zz')", "SHOW TBLPROPERTIES say9.u", "COMMENT ON TABLE say9.u IS 'newer'",
     "ALTER DATABASE say9 SET DBPROPERTIES ('a'='b')")

# case: TRUNCATE TABLE
spark.sql(f"CREATE DATABASE say10 LOCATION '{at('say10')}'")
spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string').write.partitionBy('k').saveAsTable('say10.t')
spark.range(2).write.option('path', at('kept')).saveAsTable('say10.e')
told("TRUNCATE TABLE say10.t PARTITION (k='x')", "SELECT * FROM say10.t", "TRUNCATE TABLE say10.t", "SELECT * FROM say10.t", "SHOW PARTITIONS say10.t", "TRUNCATE TABLE say10.e", "TRUNCATE TABLE say10.nothing")

# case: databases made and dropped
told("CREATE DATABASE say11 COMMENT 'x' LOCATION '" + at('say11') + "' WITH DBPROPERTIES ('a'='b')", "CREATE DATABASE say11", "CREATE SCHEMA IF NOT EXISTS say11", "CREATE TABLE say11.t (a INT) USING parquet",
     "DROP DATABASE say11", "DROP DATABASE say11 CASCADE", "SHOW DATABASES LIKE 'say11'", "DROP DATABASE say11", "DROP DATABASE IF EXISTS say11")

# case: tables over files that are there
spark.sql(f"CREATE DATABASE say12 LOCATION '{at('say12')}'")
spark.createDataFrame([(3, 'x'), (4, 'z')], 'id int, k string').write.parquet(at('full'))
kept = told(f"CREATE TABLE say12.a USING parquet LOCATION '{at('full')}' AS SELECT 1 id", f"CREATE TABLE say12.c (id INT, k STRING) USING parquet LOCATION '{at('full')}'", "SELECT * FROM say12.c ORDER BY id",
            f"CREATE TABLE say12.d USING parquet LOCATION '{at('full')}'", "SELECT * FROM say12.d ORDER BY id", "DROP TABLE say12.c", "SELECT count(*) n FROM say12.d", "CREATE EXTERNAL TABLE say12.x (a INT) USING parquet",
            "CREATE TABLE say12.f USING parquet")
kept, spark.catalog.createTable('say12.e', path=at('full'), source='parquet'), names('full')

# case: saveAsTable over a folder that has files
spark.sql(f"CREATE DATABASE say13 LOCATION '{at('say13')}'")
spark.range(2).write.parquet(at('full'))
spark.range(1).write.option('path', at('full')).saveAsTable('say13.t')

# case: external tables of Hive's form
spark.sql(f"CREATE DATABASE say14 LOCATION '{at('say14')}'")
found = told(f"CREATE EXTERNAL TABLE say14.x (a INT COMMENT 'aa') PARTITIONED BY (k STRING) STORED AS PARQUET LOCATION '{at('x')}' TBLPROPERTIES ('q'='r')", "DESCRIBE say14.x", "ALTER TABLE say14.x ADD PARTITION (k='1')")
spark.createDataFrame([(9,)], 'a int').write.mode('append').parquet(at('x/k=1'))
found, told("SELECT * FROM say14.x", "INSERT INTO say14.x PARTITION (k='2') SELECT 5", "SELECT * FROM say14.x ORDER BY a", "ALTER TABLE say14.x DROP PARTITION (k='2')", "SELECT * FROM say14.x", "DROP TABLE say14.x",
            "CREATE TABLE say14.o (a INT) STORED AS ORC", "INSERT INTO say14.o VALUES (1)", "SELECT * FROM say14.o"), [name for name in names('x') if 'k=2' in name]

# case: options of a table are its own
spark.sql(f"CREATE DATABASE say15 LOCATION '{at('say15')}'")
spark.sql("CREATE TABLE say15.d (a INT, b STRING) USING csv OPTIONS (header 'true', sep ';', nullValue 'NONE')")
spark.sql("INSERT INTO say15.d VALUES (1, 'x'), (2, NULL)")
sorted(set(lines('say15/d'))), spark.table('say15.d')

# case: CREATE TABLE LIKE
spark.sql(f"CREATE DATABASE say16 LOCATION '{at('say16')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').write.partitionBy('k').saveAsTable('say16.t')
told("CREATE TABLE say16.l LIKE say16.t", "SHOW CREATE TABLE say16.l", "CREATE TABLE say16.l LIKE say16.t", "CREATE TABLE IF NOT EXISTS say16.l LIKE say16.t", "SELECT * FROM say16.l")

# case: bucketed tables
spark.sql(f"CREATE DATABASE say17 LOCATION '{at('say17')}'")
rows = spark.createDataFrame([(3, 'x', 4.5), (4, 'z', 5.5), (5, None, 6.5)], 'id int, k string, v double').coalesce(1)
rows.write.bucketBy(2, 'id').sortBy('v').saveAsTable('say17.b')
rows.write.bucketBy(2, 'id').sortBy('v').mode('append').saveAsTable('say17.b')
rows.write.insertInto('say17.b')
rows.write.bucketBy(4, 'k', 'id').format('json').saveAsTable('say17.c')
rows.write.bucketBy(3, 'v').partitionBy('k').saveAsTable('say17.d')
spark.sql("CREATE TABLE say17.e (a INT) USING parquet CLUSTERED BY (a) SORTED BY (a) INTO 3 BUCKETS")
spark.sql("INSERT INTO say17.e VALUES (1), (2), (3)")
spark.table('say17.b'), names('say17/b'), names('say17/c'), names('say17/d'), spark.table('say17.e'), names('say17/e'), [(c.name, c.isBucket) for c in spark.catalog.listColumns('say17.b')]

# case: bucketBy by other buckets
spark.sql(f"CREATE DATABASE say18 LOCATION '{at('say18')}'")
spark.range(4).write.bucketBy(2, 'id').saveAsTable('say18.b')
spark.range(4).write.mode('append').saveAsTable('say18.b')

# case: sortBy alone
spark.range(4).write.sortBy('id').saveAsTable('default.never')

# case: bucketBy of no column
spark.sql(f"CREATE DATABASE say19 LOCATION '{at('say19')}'")
spark.range(4).write.bucketBy(2, 'nothing').saveAsTable('say19.b')

# case: writeTo creates in partitions
spark.sql(f"CREATE DATABASE say20 LOCATION '{at('say20')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').writeTo('say20.w').using('parquet').partitionedBy('k').tableProperty('a', 'b').create()
told("SHOW TBLPROPERTIES say20.w", "SHOW PARTITIONS say20.w"), names('say20/w')

# case: writeTo creates what is there
spark.sql(f"CREATE DATABASE say21 LOCATION '{at('say21')}'")
spark.range(2).writeTo('say21.w').create()
spark.range(2).writeTo('say21.w').create()

# case: writeTo overwrites partitions
spark.sql(f"CREATE DATABASE say22 LOCATION '{at('say22')}'")
spark.range(2).write.saveAsTable('say22.t')
spark.range(2).writeTo('say22.t').overwritePartitions()

# case: writeTo creates or replaces
spark.sql(f"CREATE DATABASE say23 LOCATION '{at('say23')}'")
spark.range(2).writeTo('say23.t').using('parquet').createOrReplace()

# case: CREATE OR REPLACE TABLE
spark.sql(f"CREATE DATABASE say24 LOCATION '{at('say24')}'")
spark.sql("CREATE OR REPLACE TABLE say24.t USING parquet AS SELECT 1 a")

# case: writeTo no table
spark.range(2).writeTo('default.nothing_there').append()

# case: views and kept queries
spark.range(3).createOrReplaceTempView('one')
told("CACHE TABLE two AS SELECT count(*) n FROM one", "SELECT * FROM two", "UNCACHE TABLE two", "UNCACHE TABLE IF EXISTS nothing_there", "CACHE TABLE nothing_there", "CLEAR CACHE", "REFRESH TABLE one", "DROP VIEW two",
     "DROP VIEW two", "DROP VIEW IF EXISTS two", "SET some.key=1", "SET some.key"), spark.catalog.dropTempView('nothing_there'), spark.catalog.functionExists('abs'), spark.catalog.functionExists('nothing_there')

# case: the catalog makes a table
spark.sql(f"CREATE DATABASE say25 LOCATION '{at('say25')}'")
made = spark.catalog.createTable('say25.m', schema=T.StructType([T.StructField('a', T.IntegerType())]), source='parquet', description='hello')
table = spark.catalog.getTable('say25.m')
made, table.name, table.description, table.tableType, [c.name for c in spark.catalog.listCatalogs()], spark.catalog.setCurrentCatalog('spark_catalog')

# case: the catalog makes a table that is there
spark.sql(f"CREATE DATABASE say26 LOCATION '{at('say26')}'")
spark.range(1).write.saveAsTable('say26.t')
spark.catalog.createTable('say26.t', schema=T.StructType([T.StructField('a', T.IntegerType())]))
