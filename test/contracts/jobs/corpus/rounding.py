# case: doubles to places
values = [0.285, 1.005, -1.005, 2.675, 1.115, 8.345, 0.125, 0.375, 2.5, 3.5, -2.5, 0.5, -0.5, 0.05, 0.15, 0.25, 0.35, 4.35, 1.45, -0.001, -0.0, 0.0, 1e-5, 5e-6, 4.5e-6, 9.9999995e-6, 1e-7,
          5e-324, 1.1149999999999998, 0.49999999999999994, 0.0004999999999999999, 12345.675, 99999999.995, 100000000.005, 1234567890.125, 123456789012.345, 4503599627370495.5, 4503599627370496.5,
          9007199254740993.0, 1e15, 1e16, 1e17, 1.7976931348623157e308, 150.0, 250.0, -350.0, 1250.0, 45.0, 50.0, 49.99, float('nan'), float('inf'), float('-inf'), None]
frame = spark.createDataFrame([(i, value) for i, value in enumerate(values)], 'i int, x double')
[frame.select('i', 'x', *[F.round('x', n).alias(f'r{n}'.replace('-', '_')) for n in places], *[F.bround('x', n).alias(f'b{n}'.replace('-', '_')) for n in places])
 for places in ([0, 1, 2], [3, 4, 5, 6], [7, 15, 17, 18, 30])]

# case: doubles to tens and hundreds
frame = spark.createDataFrame([(x,) for x in (5.0, 15.0, 25.0, -25.0, 49.99, 50.0, 150.0, 250.0, 1250.5, -0.4, 0.0, 1e-7, 123456789.5, 4503599627370495.5, float('nan'), float('inf'), None)], 'x double')
frame.select('x', F.round('x', -1).alias('a'), F.round('x', -2).alias('b'), F.bround('x', -1).alias('c'), F.bround('x', -2).alias('d'), F.round('x', -20).alias('e'))

# case: doubles beyond 1e16 to tens
spark.sql("select round(x, -1) as r from values (1e17D), (123456789012345678D) as t(x)")

# case: floats to places
frame = spark.createDataFrame([(x,) for x in (1.005, 0.285, 2.5, -2.5, 0.125, 1e10, float('nan'), None)], 'x float')
frame.select('x', F.round('x'), F.round('x', 1), F.round('x', 2), F.bround('x', 2), F.round('x', -1))

# case: decimals to places
frame = spark.sql("select cast(x as decimal(10,3)) as m, cast(x as decimal(38,18)) as w from values ('1.245'), ('1.255'), ('-1.245'), ('125.500'), ('-135'), ('9999999.999'), (null) as t(x)")
(frame.select('m', F.round('m'), F.round('m', 1), F.round('m', 2), F.round('m', 5), F.round('m', -1), F.round('m', -2), F.round('w', 2)),
 frame.select('m', F.bround('m'), F.bround('m', 1), F.bround('m', 2), F.bround('m', 5), F.bround('m', -1), F.bround('w', 2)))

# case: whole numbers to places
frame = spark.createDataFrame([(25, 35), (-25, 1234567890123), (None, 0)], 'i int, l long')
frame.select(F.round('i'), F.round('i', 2), F.round('i', -1), F.bround('i', -1), F.bround('i'), F.round('l', -1), F.round(F.col('i').cast('tinyint'), -1).alias('t'), F.round(F.col('i').cast('smallint')).alias('s'))

# case: texts and nulls to places
spark.sql("select round('1.005', 2) a, bround('1.005', 2) b, round(null, 2) c, round(1.005D, null) d, round('x', 1) e, round(cast(null as double), 1) f")

# case: literals to places
spark.sql("select round(1.005D, 2) a, round(-1.005D, 2) b, round(1.005, 2) c, round(2.5) d, round(2.5D) e, ROUND (1.005D , 2) f, round(1e0 * 1.005D, 2) g, round(1005D, -1) h, round(2.5D, 0) i, bround(-2.5D) j")

# case: columns, by each way of writing
frame = spark.createDataFrame([(1, 1.005), (1, 2.675), (2, -1.005), (2, 0.285)], 'k int, x double')
(frame.select(F.round('x', 2), F.bround(F.col('x'), 2)), frame.selectExpr('*', 'round(x, 2)', 'bround(x, 2) as b'), frame.select(F.expr('round(x, 2)'), F.expr('round(x, 2)').alias('r')),
 frame.withColumn('r', F.round('x', 2)), frame.withColumns({'r': F.round('x', 2), 'x': F.bround('x', 1)}), frame.filter(F.round('x', 2) == 1.01), frame.where('round(x, 2) = 2.68'),
 frame.orderBy(F.round('x', 2).desc()).limit(1), frame.sort(F.expr('round(-x, 2)')).limit(1), frame.select(F.round('x', 2).cast('string').alias('s'), F.round('x', 2).cast('decimal(10,2)').alias('d')),
 frame.select(F.when(F.round('x', 2) > 1, F.round('x', 2)).otherwise(F.lit(0.0)).alias('w'), F.coalesce(F.round('x', 2), F.lit(0.0)).alias('c')))

# case: aggregates, by each way of writing
frame = spark.createDataFrame([(1, 1.005), (1, 0.0), (2, -1.005), (2, 0.0)], 'k int, x double')
(frame.agg(F.round(F.max('x'), 2)), frame.groupBy('k').agg(F.round(F.sum('x'), 2), F.round(F.avg('x'), 3).alias('a')), frame.groupBy(F.round('x', 2)).count(), frame.groupBy(F.round('x', 2).alias('g')).agg(F.sum(F.round('x', 2)).alias('s')),
 frame.groupBy('k').agg(F.expr('round(sum(x), 2)').alias('s')), frame.groupBy('k').agg(F.sum('x').alias('s')).select('k', F.round('s', 2).alias('r')), frame.rollup('k').agg(F.round(F.sum('x'), 2).alias('s')),
 frame.groupBy().pivot('k').agg(F.round(F.sum('x'), 2)), frame.select(F.round(F.sum('x').over(W.partitionBy('k')), 2).alias('w')), frame.select('x', F.sum(F.round('x', 2)).over(W.orderBy('k')).alias('w')),
 frame.groupBy('k').agg(F.collect_list(F.round('x', 2)).alias('l')).select('k', F.array_sort('l').alias('l')))

# case: queries, by each way of writing
spark.createDataFrame([(1, 1.005), (1, 0.0), (2, -1.005), (2, 0.0)], 'k int, x double').createOrReplaceTempView('rounded')
[spark.sql(text) for text in (
    'select round(x, 2) from rounded', 'select k, round(avg(x), 3), round(sum(x), 2) s from rounded group by k having round(sum(x), 2) > 1', 'select k from rounded where round(x, 2) = 1.01D',
    'select x from rounded order by round(x, 2) limit 1', 'select round(sum(x) over (partition by k), 2) w from rounded', 'with a as (select round(x, 2) r from rounded) select round(r, 1) from a',
    'select r from (select round(x, 2) r from rounded) where r > 1', 'select k, (select round(max(x), 2) from rounded) m from rounded', 'select round(x, 2) g, count(*) n from rounded group by round(x, 2)',
    'select round(x, 2) g, count(*) n from rounded group by 1', 'select case when round(x, 2) > 1 then round(x, 2) end c, cast(round(x, 2) as string) s from rounded',
    'select a.k from rounded a join rounded b on round(a.x, 2) = -round(b.x, 2)', 'select round(x, 2) r from rounded union all select round(k, 2) from rounded', 'select transform(array(x), y -> round(y, 2)) l from rounded',
    'select round(round(x, 2) + 0.005D, 2) n from rounded', 'select /* round(x, 2) */ round(x, 2) as `round(x)`, "round(x, 2)" t from rounded')]

# case: views keep what a query rounds
spark.createDataFrame([(1.005,), (-1.005,)], 'x double').createOrReplaceTempView('source')
spark.sql('create or replace temp view by_text as select round(x, 2), x from source order by round(x, 2)')
spark.sql('create temporary view by_names (a, b) as select round(x, 2), cast(x as string) from source')
spark.table('source').select(F.round('x', 2).alias('r')).createOrReplaceTempView('by_columns')
spark.table('by_text'), spark.table('by_names'), spark.table('by_columns'), spark.sql('select round(r + 0.005D, 2) r from by_columns')

# case: the same name of another type
spark.createDataFrame([(1.005,)], 'x double').createOrReplaceTempView('changing')
first = spark.sql('select round(x, 2) r from changing').collect()
spark.sql("create or replace temp view changing as select cast('1.005' as decimal(10,3)) x")
first, spark.sql('select round(x, 2) r from changing'), spark.table('changing').select(F.round('x', 1).alias('r'))

# case: the same call over frames of two types
column = F.round('x', 2)
one, two = spark.createDataFrame([(1.005,)], 'x double'), spark.sql("select cast('2.005' as decimal(10,3)) x")
one.select(column.alias('r')), two.select(column.alias('r')), one.select(column.alias('r')).crossJoin(two.select(column.alias('s')))

# case: beside functions of Python
frame = spark.createDataFrame([(1.005,), (2.675,)], 'x double')
add = F.udf(lambda x: x + 1, 'double')
frame.select(F.round(add('x'), 2).alias('a'), add(F.round('x', 2)).alias('b')), frame.mapInPandas(lambda frames: frames, 'x double').select(F.round('x', 2).alias('r'))

# case: nested values
frame = spark.sql("select named_struct('x', 1.005D, 'l', array(2.675D, 0.285D)) s, map('a', 1.005D) m")
frame.select(F.round('s.x', 2).alias('a'), F.transform('s.l', lambda x: F.round(x, 2)).alias('b'), F.round(F.col('s.l')[0], 2).alias('c'), F.round(F.col('m')['a'], 2).alias('d'), F.aggregate('s.l', F.lit(0.0), lambda a, x: a + F.round(x, 2)).alias('e'))

# case: places that are a column
spark.sql('select round(x, n) from values (1.005D, 2) as t(x, n)')

# case: places that are computed
spark.sql('select round(x, 1 + 1) from values (1.005D) as t(x)')

# case: a number that is none
spark.sql("select round(x, 2) from values (array(1)) as t(x)")

# case: written and read again
frame = spark.createDataFrame([(1.005,), (2.675,)], 'x double')
frame.select(F.round('x', 2).alias('r')).write.parquet(at('out'))
frame.selectExpr('round(x, 2) as r').write.csv(at('text'))
spark.read.parquet(at('out')), lines('text')
