# case: missing path
spark.read.csv(at('nothing'))

# case: missing path of parquet
spark.read.parquet(at('nothing/*.parquet'))

# case: empty folder
put('d/.keep', '')
spark.read.csv(at('d'))

# case: globs
put('a1.csv', '1\n'); put('a2.csv', '2\n'); put('b1.csv', '3\n'); put('c/a3.csv', '4\n')
spark.read.csv(at('a*.csv')), spark.read.csv(at('{a1,b1}.csv')), spark.read.csv(at('[ab]1.csv')), spark.read.csv(at('a?.csv')), spark.read.csv(at('*/a*.csv'))

# case: many paths
put('a.csv', '1\n'); put('b.csv', '2\n')
spark.read.csv([at('a.csv'), at('b.csv')]), spark.read.format('csv').load([at('a.csv'), at('b.csv')])

# case: equals sign in a name
put('x=y.csv', '1\n')
spark.read.csv(at('x=y.csv'))

# case: hidden files
put('d/_a.csv', '1\n'); put('d/.b.csv', '2\n'); put('d/c.csv', '3\n'); put('d/_SUCCESS', '')
spark.read.csv(at('d'))

# case: not recursive
put('d/a.csv', '1\n'); put('d/e/b.csv', '2\n')
spark.read.csv(at('d')), spark.read.option('recursiveFileLookup', True).csv(at('d'))

# case: only folders below
put('d/e/b.csv', '2\n')
spark.read.csv(at('d'))

# case: partition columns
put('d/year=2024/month=01/a.csv', 'x\n'); put('d/year=2023/month=12/a.csv', 'y\n')
spark.read.csv(at('d'))

# case: partition types
put('d/i=1/l=3000000000/f=1.5/d=2024-01-31/s=a/b=true/a.csv', 'x\n'); put('d/i=2/l=4/f=2/d=2024-02-01/s=1/b=false/a.csv', 'y\n')
spark.read.csv(at('d'))

# case: partition timestamp and null
put('d/t=2024-01-31 10%3A11%3A12/a.csv', 'x\n'); put('d/t=__HIVE_DEFAULT_PARTITION__/a.csv', 'y\n')
spark.read.csv(at('d'))

# case: partition inference off
put('d/i=1/a.csv', 'x\n')
spark.conf.set('spark.sql.sources.partitionColumnTypeInference.enabled', 'false')
found = spark.read.csv(at('d')).collect()
spark.conf.set('spark.sql.sources.partitionColumnTypeInference.enabled', 'true')
found

# case: partition escaped
put('d/s=a%2Fb/a.csv', 'x\n'); put('d/s=ç ã/a.csv', 'y\n')
spark.read.csv(at('d'))

# case: partition by schema
put('d/i=01/a.csv', 'x\n')
spark.read.schema('v string, i string').csv(at('d'))

# case: one partition folder itself
put('d/i=1/a.csv', 'x\n')
spark.read.csv(at('d/i=1')), spark.read.option('basePath', at('d')).csv(at('d/i=1'))

# case: glob over partitions
put('d/i=1/a.csv', 'x\n'); put('d/i=2/a.csv', 'y\n')
spark.read.csv(at('d/*')), spark.read.csv(at('d/i=*/a.csv'))

# case: conflicting partitions
put('d/i=1/a.csv', 'x\n'); put('d/j=2/a.csv', 'y\n')
spark.read.csv(at('d'))

# case: partition column also in the file
put('d/i=1/a.csv', 'i,v\n9,x\n')
spark.read.csv(at('d'), header=True)

# case: partition filter
put('d/i=1/a.csv', 'x\n'); put('d/i=2/a.csv', 'y\n')
spark.read.csv(at('d')).where('i = 2'), spark.read.csv(at('d')).where(F.col('i') > 1).select('i').distinct()

# case: input_file_name
put('d/a.csv', '1\n'); put('d/b.csv', '2\n')
spark.read.csv(at('d')).withColumn('f', F.input_file_name())

# case: input_file_name in SQL and of a partition
put('d/p=1/a b.json', '{"x":1}\n')
spark.read.json(at('d')).createOrReplaceTempView('arquivos')
spark.sql('select x, p, input_file_name() f from arquivos')

# case: input_file_name twice filtered
put('d/a.csv', '1\n'); put('d/b.csv', '2\n')
spark.read.csv(at('d')).withColumn('f', F.element_at(F.split(F.input_file_name(), '/'), -1)).where("f = 'b.csv'")

# case: metadata column
put('a.csv', '1\n')
spark.read.csv(at('a.csv')).select('_c0', '_metadata.file_name')

# case: pathGlobFilter
put('d/a.csv', '1\n'); put('d/b.txt', '2\n')
spark.read.option('pathGlobFilter', '*.csv').csv(at('d'))

# case: text
put('a.txt', 'olá\n\nmundo')
spark.read.text(at('a.txt'))

# case: text whole
put('a.txt', 'a\nb\n')
spark.read.text(at('a.txt'), wholetext=True)

# case: text with carriage returns
put('a.txt', 'a\r\nb\r\n')
spark.read.text(at('a.txt'))

# case: text lineSep
put('a.txt', 'a;b')
spark.read.text(at('a.txt'), lineSep=';')

# case: text in partitions
put('d/p=1/a.txt', 'x\n')
spark.read.text(at('d'))

# case: parquet round trip of types
rows = spark.sql("""select 1 i, 2L l, 1.5D d, cast(1.25 as decimal(10,2)) dec, 'x' s, true b, date'2024-01-31' day,
  timestamp'2024-01-31 10:11:12.123456' t, array(1,2) a, map('k', 1) m, named_struct('x', 1, 'y', 'z') o, cast('ab' as binary) bin, cast(1 as smallint) sm, cast(2 as tinyint) ti, 1.5f f""")
rows.write.parquet(at('p'))
spark.read.parquet(at('p'))

# case: parquet mergeSchema
spark.sql('select 1 a').write.parquet(at('p/k=1')); spark.sql("select 2 a, 'x' b").write.parquet(at('p/k=2'))
spark.read.option('mergeSchema', True).parquet(at('p'))

# case: parquet with a schema of more columns
spark.sql('select 1 a').write.parquet(at('p'))
spark.read.schema('a int, b string').parquet(at('p'))

# case: parquet wrong type
spark.sql("select 'x' a").write.parquet(at('p'))
spark.read.schema('a int').parquet(at('p')).collect()

# case: parquet that is none
put('p/a.parquet', 'this is no parquet')
spark.read.parquet(at('p')).collect()

# case: parquet case of names
spark.sql("select 1 Aa").write.parquet(at('p'))
spark.read.schema('aA int').parquet(at('p'))

# case: orc round trip
rows = spark.sql("select 1 i, 2L l, 1.5D d, cast(1.25 as decimal(10,2)) dec, 'x' s, true b, date'2024-01-31' day, timestamp'2024-01-31 10:11:12' t, array(1,2) a, named_struct('x', 1) o")
rows.write.orc(at('o'))
spark.read.orc(at('o'))

# case: orc with partitions and schema
spark.sql("select 1 i, 'a' p union all select 2, 'b'").write.partitionBy('p').orc(at('o'))
spark.read.orc(at('o')), spark.read.schema('i bigint, x string, p string').orc(at('o')), names('o')

# case: parquet overwrite and read again
spark.range(3).write.parquet(at('p'))
spark.range(5).write.mode('overwrite').parquet(at('p'))
spark.read.parquet(at('p')).count()

# case: unknown format
spark.read.format('nothing').load(at(''))

# case: binaryFile
put('a.bin', b'\x00\x01')
spark.read.format('binaryFile').load(at('a.bin')).select('length', 'content')

# case: modifiedAfter
put('a.csv', '1\n')
spark.read.option('modifiedAfter', '2020-01-01T00:00:00').csv(at('a.csv')), spark.read.option('modifiedBefore', '2020-01-01T00:00:00').schema('a int').csv(at('a.csv'))

# case: ignoreCorruptFiles
put('p/a.parquet', 'this is no parquet')
spark.read.schema('a int').option('ignoreCorruptFiles', 'true').parquet(at('p'))
