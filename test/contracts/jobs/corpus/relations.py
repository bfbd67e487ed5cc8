# case: windows
from pyspark.sql.window import Window
df = spark.createDataFrame([(1,'a',10.0),(2,'a',None),(3,'b',7.5),(4,'b',7.5),(5,None,1.0)], 'id int, k string, v double')
w = Window.partitionBy('k').orderBy('v', 'id'); u = Window.partitionBy('k').orderBy('id').rowsBetween(-1, 1); r = Window.partitionBy('k').orderBy('v').rangeBetween(Window.unboundedPreceding, Window.currentRow)
df.select('id', F.row_number().over(w).alias('rn'), F.rank().over(Window.partitionBy('k').orderBy('v')).alias('rk'), F.dense_rank().over(Window.partitionBy('k').orderBy(F.desc('v'))).alias('dr'), F.percent_rank().over(w).alias('pr'), F.cume_dist().over(w).alias('cd'), F.ntile(2).over(w).alias('nt'), F.lag('v', 1, -1.0).over(w).alias('lg'), F.lead('v').over(w).alias('ld'), F.sum('v').over(u).alias('su'), F.avg('v').over(u).alias('av'), F.first('v', True).over(r).alias('fi'), F.last('v').over(u).alias('la'), F.nth_value('v', 2).over(r).alias('nv'), F.collect_list('v').over(u).alias('cl'), F.max('v').over(r).alias('mx'), F.count('*').over(r).alias('c'))

# case: range interval
spark.sql("select d, sum(v) over (order by d range between interval 1 day preceding and current row) s from values (timestamp'2024-01-01 00:00:00', 1), (timestamp'2024-01-01 23:00:00', 2), (timestamp'2024-01-03 00:00:00', 4) t(d, v)")

# case: range numbers
spark.sql("select v, sum(v) over (order by v range between 1 preceding and 1 following) s, count(*) over (order by v desc rows 1 preceding) c from values (1), (2), (4), (null) t(v)")

# case: pivot
df = spark.createDataFrame([('a','x',1),('a','y',2),('b','x',3),('b',None,4)], 'k string, p string, v int')
df.groupBy('k').pivot('p').sum('v'), df.groupBy('k').pivot('p', ['x','y']).agg(F.sum('v').alias('s'), F.count('v')), df.groupBy('k').pivot('p', ['x']).agg(F.max('v'))

# case: unpivot
df = spark.createDataFrame([(1, 11, 1.1), (2, 12, None)], 'id int, a int, b double')
df.unpivot(['id'], ['a', 'b'], 'var', 'val'), df.melt('id', None, 'var', 'val')

# case: stack
spark.sql("select id, stack(2, 'a', a, 'b', b) as (k, v) from values (1, 2, 3) t(id, a, b)")

# case: joins
a = spark.createDataFrame([(1,'x'),(2,None),(3,'y'),(None,'z')], 'id int, k string'); b = spark.createDataFrame([(1,'x'),(2,None),(None,'q'),(5,'y')], 'id int, l string')
[a.join(b, 'id', how) for how in ('inner','left','right','full','left_semi','left_anti')] and (a.join(b, 'id', 'full'), a.join(b, a.id.eqNullSafe(b.id), 'full'), a.join(b, ['id'], 'left_anti'), a.join(b, a.k == b.l, 'right'), a.join(b, a.id == b.id, 'left').select(a.id, b.id), a.crossJoin(b).count(), a.join(b, (a.id == b.id) & (b.l > 'a'), 'left_semi'), a.join(b, a.id > b.id, 'inner'))

# case: rollup cube
df = spark.createDataFrame([('a','x',1),('a','y',2),('b','x',3),(None,'x',4)], 'k string, p string, v int')
df.rollup('k','p').agg(F.sum('v').alias('s'), F.grouping('k').alias('g'), F.grouping_id().alias('gi')), df.cube('k','p').agg(F.sum('v').alias('s'), F.grouping_id('k','p').alias('gi')), df.groupBy().agg(F.sum('v'))

# case: collected windows
from pyspark.sql.window import Window
df = spark.createDataFrame([(1,'a',10.0),(2,'a',None),(3,'b',7.5)], 'id int, k string, v double')
w = Window.partitionBy('k').orderBy('id')
df.createOrReplaceTempView('t')
df.select('id', F.collect_list('v').over(w).alias('a'), F.collect_set('v').over(w).alias('b'), F.size(F.collect_list('v').over(w)).alias('c')), spark.sql("select id, collect_list(v) over (partition by k order by id) a, size(collect_set(v) over w) b, array_agg(v) over w c from t window w as (partition by k order by id desc)"), df.groupBy('k').agg(F.collect_list('v').alias('a'), F.collect_set('v').alias('b'))

# case: unionByName
a = spark.createDataFrame([(1,'x')], 'id int, k string'); b = spark.createDataFrame([('y', 2000000000000, 3.5)], 'K string, id bigint, v double')
a.unionByName(b, allowMissingColumns=True), a.unionByName(b.select('k', 'id')), b.unionByName(a, allowMissingColumns=True)

# case: unionByName missing
spark.range(1).unionByName(spark.range(1).toDF('x'))

# case: unionByName more
spark.range(1).unionByName(spark.range(1).withColumn('x', F.lit(1)))

# case: unionByName structs
a = spark.sql("select 1 id, named_struct('a', 1) s"); b = spark.sql("select 2 id, named_struct('a', 3, 'b', 4) s")
a.unionByName(b, allowMissingColumns=True)

# case: unionByName decimals
a = spark.sql("select cast(1.5 as decimal(10,2)) d, date'2024-01-01' t"); b = spark.sql("select cast(1.5 as decimal(20,5)) d, timestamp'2024-01-01 10:00:00' t")
a.unionByName(b), a.union(b)

# case: natural
spark.createDataFrame([(1,'x'),(None,'z')], 'id int, k string').createOrReplaceTempView('a'); spark.createDataFrame([(1,'x'),(None,'q'),(5,'y')], 'id int, l string').createOrReplaceTempView('b')
spark.sql("select * from a natural join b")

# case: using
spark.createDataFrame([(1,'x'),(None,'z')], 'id int, k string').createOrReplaceTempView('a'); spark.createDataFrame([(1,'x'),(None,'q'),(5,'y')], 'id int, l string').createOrReplaceTempView('b')
spark.sql("select id, k, l from a full outer join b using (id)"), spark.sql("select * from a semi join b on a.id = b.id"), spark.sql("select a.id from a where id not in (select id from b)"),  spark.sql("select a.id from a where not exists (select 1 from b where b.id = a.id)"), spark.sql("select * from a join b on a.id <=> b.id")

# case: scalar
spark.createDataFrame([(1,'x'),(None,'z')], 'id int, k string').createOrReplaceTempView('a'); spark.createDataFrame([(1,'x'),(None,'q'),(5,'y')], 'id int, l string').createOrReplaceTempView('b')
spark.sql("select a.id, (select max(l) from b where b.id = a.id) m from a")

# case: lateral
spark.createDataFrame([(1,'x'),(None,'z')], 'id int, k string').createOrReplaceTempView('a'); spark.createDataFrame([(1,'x'),(None,'q'),(5,'y')], 'id int, l string').createOrReplaceTempView('b')
spark.sql("select * from a, lateral (select l from b where b.id = a.id) c")

# case: grouping sets of GROUP BY ALL
spark.createDataFrame([('a','x',1),('a','y',2),('b','x',3),(None,'x',4)], 'k string, p string, v int').createOrReplaceTempView('t')
spark.sql("select k, p, sum(v) s, grouping_id() g from t group by grouping sets ((k, p), (k), ())"), spark.sql("select k, sum(v) s from t group by rollup(k) having sum(v) > 2"), spark.sql("select k, count(*) c from t group by 1 order by 2 desc, 1"), spark.sql("select upper(k) kk, count(*) from t group by kk"), spark.sql("select k, any_value(v) a, count_if(v > 1) c, bool_or(v > 2) o, every(v > 0) e from t group by all")

# case: GROUP BY WITH CUBE
spark.createDataFrame([('a','x',1),('a','y',2),('b','x',3),(None,'x',4)], 'k string, p string, v int').createOrReplaceTempView('t')
spark.sql("select k, p, sum(v) s, grouping(p) g from t group by k, p with cube"), spark.sql("select k, p, sum(v) s, grouping(p) g from t group by cube(k, p)")

# case: fill, drop and replace
df = spark.createDataFrame([(1, None, float('nan'), 'a', True), (None, 'b', 2.0, None, None)], 'i int, s string, d double, t string, b boolean')
df.na.fill(0), df.na.fill('z', ['s']), df.na.fill({'i': 9, 'b': False}), df.na.drop(), df.na.drop('all'), df.na.drop(thresh=3), df.dropna(subset=['i']), df.na.replace('a', 'A'), df.na.replace([1], [7], 'i'), df.replace({2.0: 3.0}), df.fillna(True), df.na.fill(1.5)

# case: replace NaN
df = spark.createDataFrame([(1, float('nan')), (None, 2.0)], 'i int, d double')
df.replace(float('nan'), None)

# case: union in SQL
spark.sql("select 1 a, cast(1.5 as decimal(10,2)) d union all select 2000000000000, cast(2.55555 as decimal(20,5)) union select null, null"), spark.sql("select 1 a union all select 'x'"), spark.sql("select 1 a union all select 1.5"), spark.sql("select a + 1 b from (select 1 a union all select 2000000000000)"), spark.sql("with x as (select 1 a union all select 2.5D) select a from x where a > 0 union all select 'q'")

# case: union same
spark.sql("select 1 a, array(1) b union all select 2, array(2)"), spark.sql("select 1 a except select 2"), spark.sql("select date'2024-01-01' a union select date'2024-01-02'")

# case: union arrays
spark.sql("select array(1) a union all select array(2.5D)")

# case: sampling
spark.range(1000).sample(0.1, 7).count() > 50, spark.range(100).sample(True, 1.5, 3).count() > 80, sum(f.count() for f in spark.range(100).randomSplit([0.3, 0.7], 5)), spark.range(100).sampleBy('id', {1: 1.0, 2: 0.0}, 3).count(), spark.range(100).sample(0.0).count(), spark.range(100).sample(1.0).count()

# case: dedup
df = spark.createDataFrame([(1, 'a', None), (1, 'a', None), (2, None, 1.0), (2, None, 1.0), (3, 'c', float('nan')), (3, 'c', float('nan'))], 'i int, s string, d double')
df.distinct(), df.dropDuplicates(['i']).select('i', 's'), df.drop_duplicates(['d']).count(), df.groupBy('d').count()

# case: ordering
df = spark.createDataFrame([(1, None), (2, 'b'), (3, 'a'), (4, 'B'), (5, '')], 'i int, s string')
[[r.i for r in df.orderBy(c).collect()] for c in (F.asc('s'), F.desc('s'), F.asc_nulls_last('s'), F.desc_nulls_first('s'))], [r.i for r in df.sort('s', ascending=False).collect()], [r.i for r in df.orderBy(F.length('s').desc(), 'i').collect()]

# case: aggregates of nothing
df = spark.createDataFrame([], 'i int, d double, s string')
df.agg(F.sum('i').alias('a'), F.avg('d').alias('b'), F.count('*').alias('c'), F.max('s').alias('d'), F.collect_list('i').alias('e'), F.first('s').alias('f'), F.countDistinct('i').alias('g'), F.stddev('d').alias('h')), df.groupBy('s').count(), df.describe('i')

# case: case insensitive
df = spark.createDataFrame([(1, 'x')], 'Id int, NAME string')
df.select('id', 'Name'), df.filter('ID = 1 and name = "x"'), df.withColumn('ID', F.lit(2)), df.drop('name'), df.withColumnRenamed('id', 'key'), df.selectExpr('iD + 1 as z'), df.groupBy('name').agg(F.max('ID'))

# case: case of names rename missing
spark.range(1).withColumnRenamed('zz', 'a').columns, spark.range(1).withColumn('a b', F.lit(1)).withColumnRenamed('a b', 'a.b').select('`a.b`')

# case: case of names joins
a = spark.createDataFrame([(1, 'x')], 'ID int, v string'); b = spark.createDataFrame([(1, 'y')], 'id int, w string')
a.join(b, 'id', 'left'), a.join(b, ['iD']), a.join(b, 'id', 'left_anti')

# case: columns with odd names
df = spark.createDataFrame([(1, 2, 3)], ['a.b', 'c d', 'e-f'])
df.select('`a.b`', '`c d`', '`e-f`'), df.withColumn('`a.b`', F.lit(9)).columns, df.selectExpr('`a.b` + `c d` as x'), df.toDF('x', 'y', 'z'), df.drop('a.b').columns, df.filter('`c d` = 2').count()

# case: with columns
df = spark.range(2)
df.withColumns({'a': F.col('id') + 1, 'b': F.lit('x')}), df.withColumn('id', F.col('id') * 2), df.withColumn('n', F.lit(None)), df.withColumn('d', F.lit(1.5)).withColumn('t', F.lit(True)).withColumn('dt', F.lit(datetime.date(2024, 1, 2))), df.transform(lambda f: f.filter('id > 0')), df.limit(0), df.tail(1), df.head(1), df.take(1), df.first(), df.isEmpty(), df.toPandas().to_dict('list')

# case: ctes and subqueries
spark.range(5).createOrReplaceTempView('t')
spark.sql("with a as (select id, id % 2 p from t), b as (select p, count(*) c from a group by p) select a.id, b.c from a join b using (p) where a.id in (select max(id) from t group by id % 2) order by a.id"), spark.sql("select * from t where id > (select avg(id) from t)"), spark.sql("select case id when 0 then 'zero' when 1 then 'one' else 'many' end x, id between 1 and 3 y, not id in (1, 2) z from t"), spark.sql("select id, sum(id) over (order by id) r from t qualify r > 3") if False else spark.sql("select distinct id % 2 a from t order by a limit 1 offset 1")

# case: values
spark.sql("select * from values (1, 'a', null), (2, null, 1.5) as t(a, b, c)"), spark.sql("values (1), (2)"), spark.sql("select * from range(2, 8, 3)"), spark.sql("select explode(array(1, 2)) x"), spark.sql("select a.* from (select 1 x, 2 y) a"), spark.sql("select 1 as `a b`, 2 as c")

# case: parameters of SQL
spark.sql("select :a + 1 x, :b y", args={'a': 1, 'b': "q'z"}), spark.sql("select ? x, ? y", args=[1, 'z'])
