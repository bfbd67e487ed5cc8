# case: explodes
df = spark.createDataFrame([(1, ['a', 'b'], {'x': 1}), (2, [], None), (3, None, {})], 'id int, a array<string>, m map<string,int>')
df.select('id', F.explode('a').alias('e')), df.select('id', F.explode_outer('a')), df.select('id', F.posexplode('a')), df.select('id', F.posexplode_outer('a')), df.select('id', F.explode('m')), df.select('id', F.explode_outer('m').alias('kk', 'vv')), df.selectExpr('id', 'explode(array_distinct(a)) z'), df.select('id', F.posexplode_outer('m'))

# case: lateral view
df = spark.createDataFrame([(1, ['a', 'b'], {'x': 1}), (2, [], None), (3, None, {})], 'id int, a array<string>, m map<string,int>')
df.createOrReplaceTempView('t')
spark.sql("select id, e, k, v from t lateral view explode(a) x as e lateral view outer explode(m) y as k, v"), spark.sql("select id, p, e from t lateral view outer posexplode(a) x as p, e")

# case: arrays
df = spark.createDataFrame([([3, 1, None, 2, 1],), ([],), (None,)], 'a array<int>')
df.select(F.size('a').alias('a'), F.sort_array('a').alias('b'), F.array_sort('a').alias('c'), F.array_distinct('a').alias('d'), F.array_contains('a', 1).alias('e'), F.array_position('a', 2).alias('f'), F.array_remove('a', 1).alias('g'), F.array_max('a').alias('h'), F.array_min('a').alias('i'), F.slice('a', 2, 2).alias('j'), F.slice('a', -2, 2).alias('k'), F.element_at('a', 1).alias('l'), F.element_at('a', -1).alias('m'), F.array_union('a', F.array(F.lit(9))).alias('n'), F.array_except('a', F.array(F.lit(1))).alias('o'), F.array_intersect('a', F.array(F.lit(1), F.lit(3))).alias('p'), F.arrays_overlap('a', F.array(F.lit(3))).alias('q'), F.array_join('a', ',').alias('r'), F.array_join('a', ',', 'N').alias('s'), F.reverse('a').alias('t'), F.array_repeat('a', 2).alias('u'), F.concat('a', F.array(F.lit(1))).alias('v'), F.array_append('a', 5).alias('w'), F.array_compact('a').alias('x'), F.array_insert('a', 2, 8).alias('y'), F.array_prepend('a', 0).alias('z'), F.cardinality('a').alias('aa'), F.get('a', 1).alias('bb'), F.array_size('a').alias('cc'))

# case: arrays 2
spark.sql("select flatten(array(array(1, 2), null, array(3))) a, flatten(array(array(1), array())) b, arrays_zip(array(1, 2), array('a')) c, sequence(3, 1) d, shuffle(array(1)) e, array(1, 2)[5] f, array(1,2)[-1] g, array_contains(array(1, null), 2) h, array_position(array(1,null), 3) i, sort_array(array('b', null, 'a'), false) j, array_sort(array(2D, cast('NaN' as double), 1D)) k, size(null) l, array_max(array(1D, cast('NaN' as double))) m, array(1, 2.5, 3L) n, array_distinct(array(1, null, null)) o, array_union(array(1, null), array(null, 2)) p, array_except(array(1, null, 2), array(null)) q, exists(array(1, 2), x -> x > 1) r, array_remove(array(1, null), null) s")

# case: maps
df = spark.createDataFrame([({'a': 1, 'b': None},), ({},), (None,)], 'm map<string,int>')
df.select(F.map_keys('m').alias('a'), F.map_values('m').alias('b'), F.size('m').alias('c'), F.element_at('m', 'a').alias('d'), F.col('m')['b'].alias('e'), F.map_contains_key('m', 'b').alias('f'), F.map_entries('m').alias('g'), F.map_concat('m', F.create_map(F.lit('z'), F.lit(9))).alias('h'), F.map_from_arrays(F.array(F.lit('x')), F.array(F.lit(1))).alias('i'), F.map_from_entries(F.array(F.struct(F.lit('k'), F.lit(2)))).alias('j'), F.col('m').getItem('zz').alias('k'))

# case: maps sql
spark.sql("select str_to_map('a:1,b:2') a, str_to_map('a=1;b', ';', '=') b, map('a', 1)['a'] c, map_from_arrays(array('x', 'y'), array(1, null)) d, map() e, element_at(map('a', 1), 'b') f, try_element_at(map('a', 1), 'b') g, map_contains_key(map(1, 2), 1) h, cardinality(map('a', 1)) i, map('a', 1, 'b', 2.5) j")

# case: null structs
df = spark.createDataFrame([((1, 'x'), [(1,)]), (None, [None]), (None, None)], 's struct<a: int, b: string>, l array<struct<q: int>>')
df.select('s.*', F.col('s.a').alias('q'), F.col('l').getItem(0).getField('q').alias('r'), F.col('l.q').alias('t')), df.selectExpr('s.a + 1 x', 's.b is null y', 'transform(l, e -> e.q) z')

# case: null structs of when
df = spark.createDataFrame([(1,), (None,), (3,)], 'n int').withColumn('s', F.when(F.col('n') > 1, F.struct('n', F.lit('x').alias('b'))))
df.select('s.*'), df.select(F.from_json(F.when(F.col('n') > 0, F.lit('{"a": 1, "b": {"c": 2}}')), 'a int, b struct<c: int>').alias('j')).select('j.*', 'j.b.c')

# case: null structs of udf
f = F.udf(lambda n: (n, 'x') if n else None, 'n int, b string')
df = spark.createDataFrame([(1,), (None,), (3,)], 'n int').select(f('n').alias('s'))
df.select('s.*', F.col('s').isNull().alias('z'))

# case: null structs of pandas udf
import pandas as pd
@F.pandas_udf('a int, b string')
def g(s: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({'a': s, 'b': s.astype(str)})
spark.createDataFrame([(1,), (3,)], 'n int').select(g('n').alias('s')).select('s.*')

# case: null structs of files
put('d/a.json', '{"s": {"a": 1, "b": "x"}, "l": [{"q": 1}, null]}\n{"s": null}\n{}\n')
df = spark.read.json(at('d'))
df.write.parquet(at('p'))
df.select('s.*', F.col('l').getItem(1).getField('q').alias('r')), spark.read.parquet(at('p')).select('s.*', 'l.q')

# case: null structs of joins
a = spark.createDataFrame([(1,), (2,)], 'id int'); b = spark.createDataFrame([(1, (5, 'y'))], 'id int, s struct<a: int, b: string>')
a.join(b, 'id', 'left').select('id', 's.*'), a.join(b, 'id', 'left').groupBy('s.a').count(), b.groupBy('id').agg(F.max('s').alias('m'), F.first(F.when(F.lit(False), F.col('s'))).alias('f')).select('m.a', 'f.a')
