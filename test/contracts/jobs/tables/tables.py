# case: saveAsTable and its modes
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop1 LOCATION '{at('shop1')}'")
one, two = spark.createDataFrame([(1, 'a')], 'id int, name string'), spark.createDataFrame([(2, 'b')], 'id int, name string')
one.write.saveAsTable('shop1.t')
two.write.mode('append').saveAsTable('shop1.t')
two.write.mode('ignore').saveAsTable('shop1.t')
before = [tuple(row) for row in spark.table('shop1.t').orderBy('id').collect()]
two.write.mode('overwrite').saveAsTable('shop1.t')
before, spark.table('shop1.t'), names('shop1/t')

# case: saveAsTable where it exists
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop2 LOCATION '{at('shop2')}'")
spark.range(1).write.saveAsTable('shop2.t')
spark.range(1).write.saveAsTable('shop2.t')

# case: saveAsTable appends by name
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop3 LOCATION '{at('shop3')}'")
spark.createDataFrame([(1, 'a')], 'id int, name string').write.saveAsTable('shop3.t')
spark.createDataFrame([('b', 2)], 'name string, id int').write.mode('append').saveAsTable('shop3.t')
spark.table('shop3.t')

# case: saveAsTable appends other columns
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop4 LOCATION '{at('shop4')}'")
spark.createDataFrame([(1, 'a')], 'id int, name string').write.saveAsTable('shop4.t')
spark.createDataFrame([(2, 'b', 3)], 'id int, name string, more int').write.mode('append').saveAsTable('shop4.t')

# case: saveAsTable appends of another type
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop5 LOCATION '{at('shop5')}'")
spark.createDataFrame([(1,)], 'id bigint').write.saveAsTable('shop5.t')
spark.createDataFrame([(2,)], 'id int').write.mode('append').saveAsTable('shop5.t')
spark.table('shop5.t')

# case: saveAsTable in partitions
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop6 LOCATION '{at('shop6')}'")
rows = spark.createDataFrame([(1, 'x', 'p'), (2, 'y', 'q')], 'id int, k string, v string')
rows.write.partitionBy('k').saveAsTable('shop6.t')
spark.createDataFrame([(3, 'x', 'r')], 'id int, k string, v string').write.mode('append').partitionBy('k').saveAsTable('shop6.t')
spark.table('shop6.t'), names('shop6/t'), [c.name for c in spark.catalog.listColumns('shop6.t') if c.isPartition]

# case: saveAsTable appends with other partitions
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop7 LOCATION '{at('shop7')}'")
rows = spark.createDataFrame([(1, 'x', 'p')], 'id int, k string, v string')
rows.write.partitionBy('k').saveAsTable('shop7.t')
rows.write.mode('append').partitionBy('v').saveAsTable('shop7.t')

# case: saveAsTable overwrites dynamically
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop8 LOCATION '{at('shop8')}'")
rows = spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string')
rows.write.partitionBy('k').saveAsTable('shop8.t')
spark.createDataFrame([(3, 'x')], 'id int, k string').write.mode('overwrite').option('partitionOverwriteMode', 'dynamic').partitionBy('k').saveAsTable('shop8.t')
spark.table('shop8.t')

# case: insertInto by position
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop9 LOCATION '{at('shop9')}'")
spark.createDataFrame([(1, 'a')], 'id int, name string').write.saveAsTable('shop9.t')
spark.createDataFrame([(2, 'b')], 'x int, y string').write.insertInto('shop9.t')
kept = sorted(tuple(row) for row in spark.table('shop9.t').collect())
spark.createDataFrame([(3, 'c')], 'x int, y string').write.insertInto('shop9.t', overwrite=True)
kept, spark.table('shop9.t')

# case: insertInto overwrites every partition
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop10 LOCATION '{at('shop10')}'")
spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string').write.partitionBy('k').saveAsTable('shop10.t')
spark.createDataFrame([(3, 'x')], 'id int, k string').write.mode('overwrite').insertInto('shop10.t')
spark.table('shop10.t')

# case: insertInto overwrites the partitions it names
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop11 LOCATION '{at('shop11')}'")
spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string').write.partitionBy('k').saveAsTable('shop11.t')
spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'dynamic')
spark.createDataFrame([(3, 'x')], 'id int, k string').write.mode('overwrite').insertInto('shop11.t')
spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'static')
spark.table('shop11.t')

# case: insertInto with partitionBy
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop12 LOCATION '{at('shop12')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').write.partitionBy('k').saveAsTable('shop12.t')
spark.createDataFrame([(3, 'x')], 'id int, k string').write.partitionBy('k').insertInto('shop12.t')

# case: insertInto of other columns
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop13 LOCATION '{at('shop13')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').write.saveAsTable('shop13.t')
spark.range(1).write.insertInto('shop13.t')

# case: insertInto of a text that is no number
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop14 LOCATION '{at('shop14')}'")
spark.createDataFrame([(1,)], 'id int').write.saveAsTable('shop14.t')
spark.createDataFrame([('x',)], 'id string').write.insertInto('shop14.t')

# case: insertInto no table
spark.range(1).write.insertInto('default.nothing_there')

# case: INSERT OVERWRITE a partition
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop15 LOCATION '{at('shop15')}'")
spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string').write.partitionBy('k').saveAsTable('shop15.t')
spark.sql("INSERT OVERWRITE TABLE shop15.t PARTITION (k = 'x') SELECT 9")
spark.sql("INSERT INTO shop15.t PARTITION (k = 'z') VALUES (7)")
spark.table('shop15.t'), names('shop15/t')

# case: INSERT with a list of columns
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop16 LOCATION '{at('shop16')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').write.saveAsTable('shop16.t')
spark.sql("INSERT INTO shop16.t (k, id) VALUES ('z', 7)")
spark.table('shop16.t')

# case: CREATE TABLE AS SELECT
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop17 LOCATION '{at('shop17')}'")
spark.sql("CREATE TABLE shop17.t USING parquet PARTITIONED BY (k) AS SELECT 1 AS id, 'x' AS k")
spark.sql("CREATE TABLE IF NOT EXISTS shop17.t USING parquet AS SELECT 5 AS id")
spark.table('shop17.t'), names('shop17/t')

# case: CREATE TABLE AS SELECT where it exists
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop18 LOCATION '{at('shop18')}'")
spark.sql("CREATE TABLE shop18.t USING parquet AS SELECT 1 AS id")
spark.sql("CREATE TABLE shop18.t USING parquet AS SELECT 1 AS id")

# case: CREATE TABLE of columns
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop19 LOCATION '{at('shop19')}'")
spark.sql("CREATE TABLE shop19.t (id INT, name STRING, k DATE) USING parquet PARTITIONED BY (k)")
spark.sql("INSERT INTO shop19.t VALUES (1, 'a', DATE'2024-01-31')")
spark.table('shop19.t'), names('shop19/t')

# case: DROP TABLE
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop20 LOCATION '{at('shop20')}'")
spark.sql("CREATE TABLE shop20.t USING parquet AS SELECT 1 AS id")
spark.sql("DROP TABLE shop20.t")
spark.sql("DROP TABLE IF EXISTS shop20.t")
spark.catalog.tableExists('shop20.t'), names('shop20/t')

# case: DROP TABLE that is not there
spark.sql("DROP TABLE default.nothing_there")

# case: bucketBy
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop21 LOCATION '{at('shop21')}'")
spark.range(4).write.bucketBy(2, 'id').sortBy('id').saveAsTable('shop21.t')
spark.table('shop21.t')

# case: bucketBy of a path
spark.range(4).write.bucketBy(2, 'id').parquet(at('o'))

# case: the catalog's questions
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop22 LOCATION '{at('shop22')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').write.partitionBy('k').saveAsTable('shop22.t')
spark.catalog.setCurrentDatabase('shop22')
asked = (spark.catalog.currentDatabase(), spark.catalog.currentCatalog(), spark.catalog.tableExists('t'), spark.catalog.tableExists('nothing_there'),
         spark.catalog.tableExists('shop22.t'), spark.catalog.tableExists('t', 'shop22'), spark.catalog.databaseExists('shop22'), spark.catalog.databaseExists('nothing_there'),
         [(table.name, table.isTemporary) for table in spark.catalog.listTables('shop22')],
         [(c.name, c.dataType, c.isPartition) for c in spark.catalog.listColumns('t')], 'shop22' in [base.name for base in spark.catalog.listDatabases()],
         spark.catalog.getTable('shop22.t').name, spark.catalog.getDatabase('shop22').name)
rows = spark.table('t')
spark.catalog.setCurrentDatabase('default')
asked, rows

# case: a temporary view hides no table
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop23 LOCATION '{at('shop23')}'")
spark.range(1).write.saveAsTable('shop23.t')
spark.range(3).createOrReplaceTempView('t')
spark.table('shop23.t').count(), spark.table('t').count(), spark.sql('SELECT * FROM shop23.t').count()

# case: saveAsTable of other formats
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop24 LOCATION '{at('shop24')}'")
rows = spark.createDataFrame([(1, 'x')], 'id int, k string')
for format in ('json', 'csv', 'orc'):
    rows.write.format(format).saveAsTable(f'shop24.t_{format}')
[spark.table(f'shop24.t_{format}') for format in ('json', 'csv', 'orc')][0], spark.table('shop24.t_csv'), spark.table('shop24.t_orc')

# case: saveAsTable with a path
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop25 LOCATION '{at('shop25')}'")
spark.range(2).write.option('path', at('elsewhere')).saveAsTable('shop25.t')
spark.table('shop25.t'), names('elsewhere')

# case: columns of mixed case
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop26 LOCATION '{at('shop26')}'")
spark.createDataFrame([(1, 'x')], 'OrderId int, Name string').write.saveAsTable('shop26.t')
spark.table('shop26.t'), spark.table('SHOP26.T').count()

# case: writeTo creates
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop27 LOCATION '{at('shop27')}'")
spark.range(2).writeTo('shop27.t').using('parquet').create()
spark.table('shop27.t')

# case: writeTo appends
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop28 LOCATION '{at('shop28')}'")
spark.range(2).write.saveAsTable('shop28.t')
spark.range(2).writeTo('shop28.t').append()

# case: SHOW TABLES and DESCRIBE
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop29 LOCATION '{at('shop29')}'")
spark.createDataFrame([(1, 'x')], 'id int, k string').write.partitionBy('k').saveAsTable('shop29.t')
spark.sql('SHOW TABLES IN shop29'), spark.sql('SHOW PARTITIONS shop29.t')

# case: overwrite a table from itself
spark.sql(f"CREATE DATABASE IF NOT EXISTS shop30 LOCATION '{at('shop30')}'")
spark.range(2).write.saveAsTable('shop30.t')
spark.table('shop30.t').write.mode('overwrite').saveAsTable('shop30.t')
