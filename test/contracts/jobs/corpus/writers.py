# case: csv of every type
rows = spark.sql("""select 1 i, 1.5D d, 1e10D big, 1e-5D small, cast(1.50 as decimal(10,2)) dec, 'a,b' s, true b, date'2024-01-31' day,
  timestamp'2024-01-31 10:11:12.5' t, cast('NaN' as double) nan, 1.1f f union all select null, null, null, null, null, '', null, null, null, null, null""")
rows.coalesce(1).write.csv(at('o'), header=True)
lines('o'), names('o')

# case: csv quotes and escapes
spark.createDataFrame([('a"b', 'c\\d', ' e ', 'f\ng', "h'i", 'j')], 'a string, b string, c string, d string, e string, f string').write.csv(at('o'))
lines('o')

# case: csv options
spark.createDataFrame([('a;b', None, ''), ('x', 'y', 'z')], 'a string, b string, c string').coalesce(1).write.csv(at('o'), sep=';', nullValue='NULL', emptyValue='EMPTY', quoteAll=True, header=True)
lines('o')

# case: csv escapeQuotes and quote
spark.createDataFrame([("it's", 'a"b')], 'a string, b string').write.csv(at('o'), quote="'", escapeQuotes=False)
lines('o')

# case: csv escape by the quote
spark.createDataFrame([('a"b', 'c,d')], 'a string, b string').write.csv(at('o'), escape='"')
lines('o')

# case: csv dateFormat and timestampFormat
spark.sql("select date'2024-01-31' d, timestamp'2024-01-31 10:11:12.123' t").write.csv(at('o'), dateFormat='dd/MM/yyyy', timestampFormat='dd/MM/yyyy HH:mm:ss.SSS')
lines('o')

# case: csv compressed
spark.sql("select 1 a").write.csv(at('o'), compression='gzip')
names('o'), spark.read.csv(at('o'))

# case: csv bzip2, deflate
spark.sql("select 1 a").write.csv(at('o'), compression='bzip2')
spark.sql("select 1 a").write.csv(at('q'), compression='deflate')
names('o'), names('q'), spark.read.csv(at('q'))

# case: csv encoding
spark.createDataFrame([('é',)], 'a string').write.csv(at('o'), encoding='ISO-8859-1')
spark.read.csv(at('o'), encoding='ISO-8859-1')

# case: csv of an array
spark.sql("select array(1) a").write.csv(at('o'))

# case: csv lineSep
spark.sql("select 1 a").write.csv(at('o'), lineSep='|')
lines('o')

# case: csv trims
spark.createDataFrame([(' a ',)], 'a string').write.csv(at('o'), ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False)
lines('o')

# case: csv empty frame with header
spark.createDataFrame([], 'a int, b string').write.csv(at('o'), header=True)
lines('o'), [name for name in names('o')]

# case: json of every type
rows = spark.sql("""select 1 i, 1.5D d, 1e10D big, cast(1.50 as decimal(10,2)) dec, 'é"\\n/' s, true b, date'2024-01-31' day,
  timestamp'2024-01-31 10:11:12.5' t, array(1,null) a, map('k', 1) m, named_struct('x', null, 'y', 1) o, cast('ab' as binary) bin, cast('NaN' as double) nan, cast(null as int) n, 1.1f f""")
rows.write.json(at('o'))
lines('o'), names('o')

# case: json with nulls
spark.sql("select 1 a, cast(null as int) b").write.json(at('o'), ignoreNullFields=False)
lines('o')

# case: json formats
spark.sql("select date'2024-01-31' d, timestamp'2024-01-31 10:11:12' t").write.json(at('o'), dateFormat='dd/MM/yyyy', timestampFormat='dd/MM/yyyy HH:mm')
lines('o')

# case: json compressed
spark.sql("select 1 a").write.json(at('o'), compression='gzip')
names('o')

# case: json of all nulls
spark.sql("select cast(null as int) a").write.json(at('o'))
lines('o')

# case: text
spark.sql("select 'é' v union all select null union all select 'x'").coalesce(1).write.text(at('o'))
lines('o'), names('o')

# case: text of two columns
spark.sql("select 'a' a, 'b' b").write.text(at('o'))

# case: text of a number
spark.sql("select 1 a").write.text(at('o'))

# case: text compressed in partitions
spark.sql("select 'a' v, 1 p").write.partitionBy('p').text(at('o'), compression='gzip')
names('o')

# case: parquet names
spark.sql("select 1 a").write.parquet(at('o'))
spark.sql("select 1 a").write.parquet(at('g'), compression='gzip')
spark.sql("select 1 a").write.parquet(at('z'), compression='zstd')
spark.sql("select 1 a").write.parquet(at('n'), compression='none')
names('o'), names('g'), names('z'), names('n')

# case: parquet lz4
spark.sql("select 1 a").write.parquet(at('o'), compression='lz4')
names('o'), spark.read.parquet(at('o'))

# case: orc names
spark.sql("select 1 a").write.orc(at('o'))
spark.sql("select 1 a").write.orc(at('g'), compression='zlib')
names('o'), names('g')

# case: mode error
spark.range(1).write.parquet(at('o'))
spark.range(1).write.parquet(at('o'))

# case: mode append
spark.range(2).write.parquet(at('o'))
spark.range(3).write.mode('append').parquet(at('o'))
spark.read.parquet(at('o'))

# case: mode ignore
spark.range(2).write.parquet(at('o'))
spark.range(3).write.mode('ignore').parquet(at('o'))
spark.read.parquet(at('o'))

# case: mode overwrite
spark.range(2).write.parquet(at('o'))
spark.range(3).write.mode('overwrite').parquet(at('o'))
spark.read.parquet(at('o'))

# case: mode unknown
spark.range(2).write.mode('whatever').parquet(at('o'))

# case: dynamic partition overwrite
spark.sql("select 1 v, 'a' p union all select 2, 'b'").write.partitionBy('p').parquet(at('o'))
spark.sql("select 3 v, 'b' p").write.mode('overwrite').option('partitionOverwriteMode', 'dynamic').partitionBy('p').parquet(at('o'))
spark.read.parquet(at('o'))

# case: static partition overwrite
spark.sql("select 1 v, 'a' p union all select 2, 'b'").write.partitionBy('p').parquet(at('o'))
spark.sql("select 3 v, 'b' p").write.mode('overwrite').partitionBy('p').parquet(at('o'))
spark.read.parquet(at('o')), names('o')

# case: partitionBy values
spark.sql("""select 1 v, 'a/b' s, date'2024-01-31' d, cast(null as string) n, '' e, 1.50 dec, timestamp'2024-01-31 10:11:12' t, true b, 'ç=%' u""").write.partitionBy('s', 'd', 'n', 'e', 'dec', 't', 'b', 'u').parquet(at('o'))
names('o'), spark.read.parquet(at('o'))

# case: partitionBy column case
spark.sql("select 1 v, 2 P").write.partitionBy('p').parquet(at('o'))
names('o')

# case: partitionBy missing column
spark.sql("select 1 v").write.partitionBy('p').parquet(at('o'))

# case: partitionBy every column
spark.sql("select 1 v").write.partitionBy('v').parquet(at('o'))

# case: partitionBy column order
spark.sql("select 1 a, 2 b, 3 c").write.partitionBy('a').parquet(at('o'))
spark.read.parquet(at('o')).columns

# case: duplicate columns
spark.sql("select 1 a, 2 a").write.parquet(at('o'))

# case: overwrite what is read
spark.range(2).write.parquet(at('o'))
spark.read.parquet(at('o')).write.mode('overwrite').parquet(at('o'))

# case: append to what is read
spark.range(2).write.parquet(at('o'))
spark.read.parquet(at('o')).write.mode('append').parquet(at('o'))
spark.read.parquet(at('o')).count()

# case: maxRecordsPerFile
spark.range(10).coalesce(1).write.option('maxRecordsPerFile', 3).csv(at('o'))
len([name for name in names('o')]), lines('o')

# case: repartition makes files
spark.range(10).repartition(3).write.parquet(at('o'))
import os
len([name for name in os.listdir(at('o')[7:]) if name.startswith('part-')])

# case: coalesce makes one file
spark.range(10).repartition(4).coalesce(1).write.parquet(at('o'))
import os
len([name for name in os.listdir(at('o')[7:]) if name.startswith('part-')])

# case: format and save
spark.range(2).write.format('json').mode('overwrite').save(at('o'))
lines('o')

# case: save without path
spark.range(2).write.save()

# case: void column
spark.sql('select null a, 1 b').write.parquet(at('o'))

# case: sortWithinPartitions keeps order
spark.createDataFrame([(3,), (1,), (2,)], 'a int').coalesce(1).sortWithinPartitions('a').write.csv(at('o'))
open([at('o')[7:] + '/' + name for name in __import__('os').listdir(at('o')[7:]) if name.startswith('part-')][0]).read()

# case: insertInto a view
spark.range(1).createOrReplaceTempView('v')
spark.range(1).write.insertInto('v')

# case: names parquet cannot have
spark.sql('select 1 `a b`, 2 `c;d`').write.parquet(at('o'))
spark.read.parquet(at('o'))

# case: json rows of nulls alone among others
spark.sql("select * from values (1, 'a'), (null, null), (2, null) as t(x, y)").coalesce(1).write.json(at('o'))
lines('o')

# case: csv rows of nulls alone, one column and two
spark.sql("select * from values (1), (null), (2) as t(x)").coalesce(1).write.csv(at('o'))
spark.sql("select * from values (1, 'a'), (null, null) as t(x, y)").coalesce(1).write.csv(at('q'))
open([at('o')[7:] + '/' + name for name in __import__('os').listdir(at('o')[7:]) if name.startswith('part-')][0]).read().count('\n'), lines('q')
