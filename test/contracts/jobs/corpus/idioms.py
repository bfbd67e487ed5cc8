# case: window row_number, rank, lag, running sum
d = spark.createDataFrame([('a', 1, 10.0), ('a', 2, 20.0), ('a', 2, 5.0), ('b', 1, None)], 'k string, t int, v double')
w = W.partitionBy('k').orderBy('t', 'v')
d.select('*', F.row_number().over(w).alias('rn'), F.rank().over(W.partitionBy('k').orderBy('t')).alias('rk'), F.dense_rank().over(W.partitionBy('k').orderBy('t')).alias('dr'), F.lag('v').over(w).alias('lag'), F.lead('v', 1, -1.0).over(w).alias('lead'), F.sum('v').over(w).alias('run'), F.avg('v').over(w.rowsBetween(-1, 1)).alias('mov'))

# case: window range frame and defaults
d = spark.createDataFrame([('a', 1, 10), ('a', 1, 20), ('a', 3, 5)], 'k string, t int, v int')
d.select('*', F.sum('v').over(W.partitionBy('k').orderBy('t')).alias('peers'), F.sum('v').over(W.partitionBy('k').orderBy('t').rangeBetween(-1, 0)).alias('rng'), F.first('v').over(W.partitionBy('k').orderBy(F.desc('t'))).alias('f'), F.last('v').over(W.partitionBy('k').orderBy('t')).alias('l'), F.ntile(2).over(W.orderBy('t')).alias('nt'), F.percent_rank().over(W.orderBy('t')).alias('pr'), F.cume_dist().over(W.orderBy('t')).alias('cd'))

# case: newest row of each key
d = spark.createDataFrame([(1, '2024-01-01', 'x'), (1, '2024-02-01', 'y'), (2, '2024-01-01', 'z')], 'id int, d string, v string')
d.withColumn('rn', F.row_number().over(W.partitionBy('id').orderBy(F.col('d').desc()))).filter('rn = 1').drop('rn')

# case: joins of every kind
a = spark.createDataFrame([(1, 'x'), (2, 'y'), (None, 'n')], 'id int, a string')
b = spark.createDataFrame([(1, 'p'), (1, 'q'), (3, 'r'), (None, 'm')], 'id int, b string')
tuple(a.join(b, 'id', how) for how in ('inner', 'left', 'right', 'full', 'left_semi', 'left_anti')) + (a.crossJoin(b).select(a.id, 'b'),)

# case: full outer join by expression with both ids
a = spark.createDataFrame([(1, 10.0), (2, 20.0)], 'id int, va double').alias('a')
b = spark.createDataFrame([(2, 21.0), (3, 30.0)], 'id int, vb double').alias('b')
a.join(b, F.col('a.id') == F.col('b.id'), 'full_outer').select(F.coalesce('a.id', 'b.id').alias('id'), 'va', 'vb', F.when(F.col('va').isNull(), 'only b').when(F.col('vb').isNull(), 'only a').when(F.col('va') != F.col('vb'), 'differs').otherwise('ok').alias('what'))

# case: null safe join
a = spark.createDataFrame([(1,), (None,)], 'x int'); b = spark.createDataFrame([(None,), (1,)], 'y int')
a.join(b, a.x.eqNullSafe(b.y))

# case: join on several columns and ambiguous name
a = spark.createDataFrame([(1, 2, 'a')], 'x int, y int, v string'); b = spark.createDataFrame([(1, 2, 'b')], 'x int, y int, v string')
a.join(b, ['x', 'y']).select('v')

# case: broadcast join and drop of a side
a = spark.createDataFrame([(1, 'a')], 'x int, v string'); b = spark.createDataFrame([(1, 'b')], 'x int, w string')
a.join(F.broadcast(b), a.x == b.x).drop(b.x)

# case: groupBy and agg
d = spark.createDataFrame([('a', 1, 1.5), ('a', 2, None), ('b', 3, 2.5), (None, 4, 1.0)], 'k string, i int, v double')
d.groupBy('k').agg(F.count('*').alias('n'), F.count('v').alias('nv'), F.sum('i').alias('s'), F.avg('i').alias('a'), F.min('v').alias('mi'), F.max('v').alias('ma'), F.countDistinct('i').alias('cd'), F.sort_array(F.collect_set('i')).alias('cs'), F.first('i').alias('f'))

# case: agg names
d = spark.createDataFrame([('a', 1), ('b', 2)], 'k string, i int')
d.groupBy('k').agg({'i': 'sum'}), d.groupBy('k').sum(), d.groupBy().avg('i'), d.agg(F.max('i'), F.sum(F.col('i') + 1)), d.groupBy('k').count(), d.select(F.count(F.lit(1)))

# case: statistics
d = spark.createDataFrame([(1.0,), (2.0,), (4.0,)], 'v double')
d.select(F.stddev('v'), F.stddev_pop('v'), F.variance('v'), F.skewness('v'), F.kurtosis('v'), F.corr('v', 'v'), F.percentile_approx('v', 0.5), F.expr('percentile(v, 0.25)'), F.sum_distinct('v'))

# case: stddev of one row
spark.createDataFrame([(1.0,)], 'v double').select(F.stddev('v'), F.stddev_pop('v'), F.corr('v', 'v'))

# case: empty aggregation
d = spark.createDataFrame([], 'v int')
d.agg(F.sum('v'), F.count('v'), F.max('v'), F.collect_list('v')), d.groupBy('v').count()

# case: pivot
d = spark.createDataFrame([('a', 'x', 1), ('a', 'y', 2), ('b', 'x', 3)], 'k string, p string, v int')
d.groupBy('k').pivot('p').sum('v'), d.groupBy('k').pivot('p', ['x', 'z']).agg(F.sum('v').alias('s'), F.max('v').alias('m'))

# case: unpivot, stack
d = spark.createDataFrame([(1, 10, 20)], 'id int, a int, b int')
d.unpivot('id', ['a', 'b'], 'name', 'value'), d.select('id', F.expr("stack(2, 'a', a, 'b', b) as (n, v)"))

# case: cube and rollup
d = spark.createDataFrame([('a', 'x', 1), ('b', 'y', 2)], 'k string, p string, v int')
d.rollup('k', 'p').agg(F.sum('v').alias('s'), F.grouping_id().alias('g')), d.cube('k').count()

# case: explode
d = spark.createDataFrame([(1, [1, 2], {'a': 1}), (2, [], None), (3, None, {})], 'id int, l array<int>, m map<string,int>')
d.select('id', F.explode('l')), d.select('id', F.explode_outer('l').alias('e')), d.select('id', F.posexplode('l')), d.select('id', F.explode('m')), d.select('id', F.explode_outer('m').alias('k', 'v'))

# case: arrays
d = spark.createDataFrame([([3, 1, None, 1],)], 'l array<int>')
d.select(F.size('l'), F.sort_array('l'), F.array_distinct('l'), F.array_contains('l', 1), F.element_at('l', 1), F.element_at('l', -1), F.slice('l', 1, 2), F.array_max('l'), F.array_join('l', ','), F.array_position('l', 1), F.reverse('l'), F.concat('l', 'l'), F.array_remove('l', 1), F.col('l')[9])

# case: higher order functions
d = spark.createDataFrame([([1, 2, 3],)], 'l array<int>')
d.select(F.transform('l', lambda x: x * 2).alias('t'), F.filter('l', lambda x: x > 1).alias('f'), F.aggregate('l', F.lit(0), lambda a, x: a + x).alias('a'), F.exists('l', lambda x: x > 2).alias('e'), F.forall('l', lambda x: x > 0).alias('fa'), F.expr('transform(l, (x, i) -> x + i)').alias('ti'), F.zip_with('l', 'l', lambda x, y: x * y).alias('z'))

# case: maps and structs
d = spark.sql("select map('a', 1, 'b', 2) m, named_struct('x', 1, 'y', 'z') s, array(named_struct('k', 1)) l")
d.select(F.map_keys('m'), F.map_values('m'), F.col('m')['a'], F.col('m')['zz'], 's.x', 's.*', F.col('l.k'), F.map_from_arrays(F.array(F.lit('q')), F.array(F.lit(1))).alias('ma'), F.struct('s.x', F.lit(1).alias('one')).alias('st'), F.size('m')), d.withColumn('s', F.col('s').withField('w', F.lit(5)))

# case: size of null
spark.sql('select cast(null as array<int>) l').select(F.size('l'), F.cardinality('l') if hasattr(F, 'cardinality') else F.lit(None))

# case: from_json and to_json
d = spark.createDataFrame([('{"a":1,"b":["x"],"c":{"d":1.5}}',), ('{bad',), ('{"a":"x"}',), (None,)], 'j string')
d.select(F.from_json('j', 'a int, b array<string>, c struct<d double>').alias('o')).select('o.*'), d.select(F.get_json_object('j', '$.b[0]'), F.get_json_object('j', '$.c'), F.json_tuple('j', 'a', 'c'))

# case: to_json
spark.sql("select named_struct('a', 1, 'b', null, 'd', date'2024-01-31', 't', timestamp'2024-01-31 10:11:12', 'x', 1.5D) o, map('k', 1) m").select(F.to_json('o'), F.to_json('m'), F.to_json(F.struct('m')))

# case: schema_of_json
spark.range(1).select(F.schema_of_json('{"a":1,"b":[1.5]}'))

# case: udf
up = F.udf(lambda text: text.upper() if text else None, T.StringType())
twice = F.udf(lambda number: number * 2, 'int')
d = spark.createDataFrame([('a', 1), (None, 2)], 's string, i int')
d.select(up('s').alias('u'), twice('i').alias('t'))

# case: udf of a wrong type
wrong = F.udf(lambda number: 'x', 'int')
spark.range(1).select(wrong('id').alias('w'))

# case: udf that raises
fails = F.udf(lambda number: 1 / 0, 'int')
spark.range(1).select(fails('id')).collect()

# case: udf registered for SQL
spark.udf.register('plus_one', lambda number: number + 1, 'bigint')
spark.sql('select plus_one(5) p')

# case: udf of structs and arrays
f = F.udf(lambda row, l: [row.x, len(l)], 'array<int>')
spark.sql("select named_struct('x', 1) s, array(1, 2) l").select(f('s', 'l').alias('r'))

# case: udf returning a struct
f = F.udf(lambda i: (i, str(i)), 'a bigint, b string')
spark.range(2).select(f('id').alias('r')).select('r.*')

# case: pandas udf
import pandas as pd
@F.pandas_udf('double')
def half(v: pd.Series) -> pd.Series:
    return v / 2
spark.createDataFrame([(1.0,), (None,)], 'v double').select(half('v').alias('h'))

# case: applyInPandas
d = spark.createDataFrame([('a', 1.0), ('a', 3.0), ('b', 5.0)], 'k string, v double')
d.groupBy('k').applyInPandas(lambda f: f.assign(v=f.v - f.v.mean()), 'k string, v double')

# case: mapInPandas
def doubled(frames):
    for frame in frames:
        yield frame.assign(id=frame.id * 2)
spark.range(3).mapInPandas(doubled, 'id long')

# case: toPandas
d = spark.createDataFrame([(1, 'x', None), (2, None, 1.5)], 'i int, s string, v double').toPandas()
[str(t) for t in d.dtypes], d.to_dict('records').__repr__()

# case: temp views and SQL
spark.createDataFrame([(1, 'a'), (2, 'b')], 'id int, n string').createOrReplaceTempView('t1')
spark.sql('with x as (select id, n, count(*) over () c from t1 where id > 0) select x.*, upper(n) u, case when id = 1 then "um" else "dois" end w from x order by id desc limit 10')

# case: SQL with parameters
spark.sql('select :a + 1 as b', args={'a': 5})

# case: SQL group by ordinal, having, union
spark.createDataFrame([('a', 1), ('b', 2), ('a', 3)], 'k string, v int').createOrReplaceTempView('t2')
spark.sql('select k, sum(v) total from t2 group by 1 having total > 2 union all select "z", 0'), spark.sql('select distinct k from t2 except select "a"'), spark.sql("select * from t2 where k in (select k from t2 where v = 3) and exists (select 1)")

# case: SQL lateral view
spark.sql("select 1 id, array('a','b') l").createOrReplaceTempView('t3')
spark.sql('select id, e from t3 lateral view explode(l) x as e')

# case: SQL of a missing table
spark.sql('select * from nothing_here').collect()

# case: SQL syntax error
spark.sql('selec 1')

# case: missing column
spark.range(1).select('nothing').collect()

# case: union by position and by name
a = spark.sql("select 1 x, 'a' y"); b = spark.sql("select 'b' y, 2 x")
a.union(b.select('x', 'y')), a.unionByName(b), a.unionByName(spark.sql('select 3 x'), allowMissingColumns=True)

# case: union of different types
spark.sql('select 1 x').union(spark.sql("select 'a' x")), spark.sql('select 1 x').union(spark.sql('select 1.5D x'))

# case: distinct, dropDuplicates, except, intersect
d = spark.createDataFrame([(1, 'a'), (1, 'a'), (2, None), (2, None)], 'x int, y string')
d.distinct(), d.dropDuplicates(['x']).select('x'), d.exceptAll(spark.createDataFrame([(1, 'a')], 'x int, y string')), d.intersect(d), d.subtract(spark.createDataFrame([(2, None)], 'x int, y string'))

# case: fillna, dropna, replace
d = spark.createDataFrame([(1, None, 1.5), (None, 'x', None)], 'i int, s string, v double')
d.fillna(0), d.fillna({'s': 'none', 'i': 9}), d.dropna(), d.dropna(how='all', subset=['i', 'v']), d.dropna(thresh=2), d.replace('x', 'y'), d.fillna('z')

# case: withColumn over itself, renamed, drop, select expr
d = spark.createDataFrame([(1, 'a')], 'i int, s string')
d.withColumn('i', F.col('i') + 1).withColumnRenamed('s', 'texto').drop('nothing'), d.selectExpr('i * 2 as dobro', 'concat(s, "!")', '*'), d.withColumns({'a': F.lit(1), 'b': F.col('i')}), d.toDF('x', 'y')

# case: orderBy with nulls
d = spark.createDataFrame([(1,), (None,), (3,)], 'x int')
d.orderBy('x').collect(), d.orderBy(F.desc('x')).collect(), d.orderBy(F.col('x').asc_nulls_last()).collect(), d.sort('x', ascending=False).collect()

# case: order of NaN
d = spark.createDataFrame([(1.0,), (float('nan'),), (None,), (float('inf'),)], 'x double')
d.orderBy('x').collect(), d.agg(F.max('x'), F.min('x')), d.where('x > 100'), d.where("x = cast('NaN' as double)").count()

# case: order of text
spark.createDataFrame([('b',), ('A',), ('a',), ('é',), ('',), ('Z',)], 's string').orderBy('s').collect()

# case: limit, head, first, take, count, isEmpty, show
d = spark.range(5)
d.limit(2).count(), d.head(), d.first(), d.take(2), d.isEmpty(), d.tail(1), d.columns, d.dtypes

# case: collect of a range with literals
spark.range(2).withColumn('c', F.lit('x')).withColumn('d', F.lit(None).cast('date')).withColumn('e', F.lit(1.5)).withColumn('f', F.lit(datetime.date(2024, 1, 31))).withColumn('g', F.array(F.lit(1), F.lit(2)))

# case: createDataFrame by rows, dictionaries, names
spark.createDataFrame([Row(a=1, b='x')]), spark.createDataFrame([{'a': 1, 'b': None}, {'a': 2, 'b': 'y'}]), spark.createDataFrame([(1, 2.5)], ['i', 'd']), spark.createDataFrame([1, 2], 'int'), spark.createDataFrame([(decimal.Decimal('1.5'), datetime.datetime(2024, 1, 31, 10))], ['d', 't'])

# case: createDataFrame of a wrong type
spark.createDataFrame([('x',)], 'a int').collect()

# case: createDataFrame from pandas
import pandas as pd
spark.createDataFrame(pd.DataFrame({'a': [1, 2], 's': ['x', None], 'f': [1.5, float('nan')], 't': pd.to_datetime(['2024-01-31', None])}))

# case: sample, randomSplit sizes, monotonically increasing
d = spark.range(100)
d.sample(0.0).count(), d.sample(1.0).count(), sum(part.count() for part in d.randomSplit([0.5, 0.5], 7)), d.select(F.monotonically_increasing_id().alias('m')).distinct().count()

# case: describe and summary
d = spark.createDataFrame([(1, 'a'), (3, 'b')], 'i int, s string')
d.describe(), d.summary('count', 'min', '50%', 'max')

# case: crosstab, freqItems, approxQuantile
d = spark.createDataFrame([(1, 'a'), (2, 'a'), (1, 'b')], 'i int, s string')
d.crosstab('i', 's'), d.approxQuantile('i', [0.5], 0.0), d.stat.corr('i', 'i')

# case: printSchema
import io, contextlib
text = io.StringIO()
with contextlib.redirect_stdout(text):
    spark.sql("select 1 i, array(named_struct('a', 'x')) l, map('k', 1.5) m").printSchema()
text.getvalue()

# case: show
import io, contextlib
text = io.StringIO()
with contextlib.redirect_stdout(text):
    spark.sql("select 1 i, 'x' s, cast(null as int) n, 1.50 d, true b, 1e10D e, 'a very long text that is longer than twenty' t, array(1, 2) l, date'2024-01-31' dt, named_struct('a', 1) st").show()
    spark.range(3).show(2, False)
text.getvalue()

# case: cache, persist, repartition, coalesce, checkpoint
d = spark.range(10).repartition(4).cache()
d.count(), d.persist().coalesce(1).count(), d.unpersist().count(), d.repartition('id').count()

# case: getNumPartitions
spark.range(10).repartition(3).rdd.getNumPartitions()

# case: rdd map
spark.range(3).rdd.map(lambda row: row.id * 2).collect()

# case: parallelize toDF
spark.sparkContext.parallelize([(1, 'a')]).toDF(['i', 's'])

# case: foreach, foreachPartition
spark.range(3).foreach(lambda row: None)

# case: accumulator
acc = spark.sparkContext.accumulator(0)
spark.range(3).foreach(lambda row: acc.add(1))
acc.value

# case: catalog
spark.range(1).createOrReplaceTempView('vista')
spark.catalog.tableExists('vista'), [t.name for t in spark.catalog.listTables()], spark.catalog.dropTempView('vista'), spark.catalog.currentDatabase()

# case: conf
spark.conf.get('spark.sql.session.timeZone'), spark.conf.get('spark.nothing', 'padrão'), spark.conf.get('spark.sql.shuffle.partitions', None) is not None

# case: transform chained
d = spark.range(3).transform(lambda f: f.where('id > 0')).transform(lambda f: f.withColumn('x', F.col('id') * 2))
d

# case: when without otherwise, isin, between, like, rlike
d = spark.createDataFrame([(1, 'abc'), (5, None)], 'i int, s string')
d.select(F.when(d.i > 3, 'big').alias('w'), d.i.isin(1, 2).alias('a'), d.i.between(2, 6).alias('b'), d.s.like('a%').alias('c'), d.s.rlike('^a.c$').alias('d'), d.s.startswith('a').alias('e'), d.s.contains('b').alias('f'), (~d.s.isNull()).alias('g'), d.s.substr(1, 2).alias('h'), d.s.isin([]).alias('j'))

# case: names of expressions
d = spark.createDataFrame([(1, 'a', 2.5)], 'i int, s string, v double')
d.select(d.i + 1, d.i * d.v, -d.i, F.upper('s'), F.col('i').cast('string'), F.lit(1), F.lit('x'), d.i == 1, F.when(d.i == 1, 2).otherwise(3), F.concat('s', F.lit('-')), F.round('v', 1), F.sum('i').over(W.partitionBy('s')), F.coalesce('s', F.lit('z')), F.to_date(F.lit('2024-01-31')), d.s.isNull(), d.i.between(1, 2), F.length('s'), F.substring('s', 1, 1)).columns

# case: ambiguous reference
a = spark.sql('select 1 x'); b = spark.sql('select 1 x')
a.crossJoin(b).select('x')

# case: hint, alias, colRegex
d = spark.createDataFrame([(1, 2)], 'a1 int, a2 int')
d.hint('broadcast').alias('t').select('t.a1'), d.select(d.colRegex('`a.*`'))

# case: self join with aliases
d = spark.createDataFrame([(1, None), (2, 1)], 'id int, parent int')
d.alias('c').join(d.alias('p'), F.col('c.parent') == F.col('p.id'), 'left').select('c.id', F.col('p.id').alias('pid'))

# case: grouped map of several aggregates by window and filter
d = spark.createDataFrame([('a', 1), ('a', 2), ('b', 3)], 'k string, v int')
d.groupBy('k').agg(F.sum(F.when(F.col('v') > 1, F.col('v'))).alias('s'), F.expr('count(*) filter (where v > 1)').alias('n'), F.count_if(F.col('v') > 1).alias('ci') if hasattr(F, 'count_if') else F.lit(0), F.max_by('k', 'v').alias('mb'), F.collect_list('v').alias('cl'), F.approx_count_distinct('v').alias('ac'))

# case: sequence and date ranges
spark.sql("select sequence(1, 5, 2) a, sequence(date'2024-01-30', date'2024-02-02') b, sequence(date'2024-01-31', date'2024-04-30', interval 1 month) c")

# case: withWatermark, streaming read
spark.readStream.format('rate').load()
