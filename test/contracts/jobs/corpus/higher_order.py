# case: zip_with
spark.sql("select zip_with(a, b, (x, y) -> x + y) z, zip_with(a, b, (x, y) -> coalesce(x, y)) y from values (array(1,2), array(3)), (array(), array()), (null, array(1)), (array(1,null), array(3,4)) t(a,b)")

# case: zip_with of expressions
spark.sql("select zip_with(split(s, ','), array(1,2), (l, r) -> concat(l, '-', r)) z, zip_with(a, a, (l, r) -> named_struct('l', l, 'r', r)) w from values ('a,b', array(1,2)) t(s, a)")

# case: transform_keys and values
spark.sql("select transform_keys(m, (k, v) -> upper(k)) a, transform_values(m, (k, v) -> v * 10) b, transform_values(m, (k, v) -> concat(k, ':', v)) c from values (map('a',1,'b',null)), (null), (map()) t(m)")

# case: map_zip_with
spark.sql("select map_zip_with(m, n, (k, a, b) -> coalesce(a, 0) + coalesce(b, 0)) z, map_zip_with(m, n, (k, a, b) -> concat_ws('/', k, a, b)) y from values (map('a',1,'b',2), map('b',3,'c',4)), (null, map('x',1)) t(m,n)")

# case: by columns
df = spark.createDataFrame([([1,2,3],[4,5],{'a':1,'b':2},{'b':7}), (None,[1],None,{})], 'a array<int>, b array<int>, m map<string,int>, n map<string,int>')
df.select(F.zip_with('a','b', lambda x, y: F.coalesce(x, F.lit(0)) + F.coalesce(y, F.lit(0))).alias('z'), F.transform_keys('m', lambda k, v: F.concat(k, v.cast('string'))).alias('k'), F.transform_values('m', lambda k, v: v * 2).alias('v'), F.map_filter('m', lambda k, v: v > 1).alias('f'), F.map_zip_with('m', 'n', lambda k, x, y: F.when(y.isNull(), x).otherwise(y)).alias('mz'))

# case: nested
df = spark.createDataFrame([([[1,2],[3]],{'a':[1,2]}, 5)], 'a array<array<int>>, m map<string,array<int>>, n int')
df.select(F.transform('a', lambda xs: F.zip_with(xs, xs, lambda x, y: x * y + F.col('n'))).alias('t'), F.transform_values('m', lambda k, v: F.aggregate(v, F.lit(0), lambda s, x: s + x)).alias('v'))

# case: nested in SQL
spark.sql("select transform(a, xs -> zip_with(xs, xs, (x, y) -> x * y + n)) t, transform_values(m, (k, v) -> aggregate(v, 0, (s, x) -> s + x)) v, transform_values(m, (k, v) -> transform(v, x -> zip_with(v, v, (p, q) -> p + q + x))) w from values (array(array(1,2),array(3)), map('a', array(1,2)), 5) t(a,m,n)")

# case: duplicate keys
spark.sql("select transform_keys(map('a',1,'A',2), (k, v) -> upper(k)) x").collect()

# case: null key
spark.sql("select transform_keys(map('a',1), (k, v) -> cast(null as string)) x").collect()

# case: withColumn and expr
spark.createDataFrame([({'a':1},)], 'm map<string,int>').withColumn('v', F.expr("transform_values(m, (k, v) -> v + 1)")).selectExpr("v", "map_filter(v, (k, v) -> k = 'a') f", "zip_with(map_keys(m), map_values(m), (k, v) -> struct(k, v)) z").filter("zip_with(array(1), array(2), (x, y) -> x + y)[0] = 3")

# case: aggregate in struct fields
spark.sql("select aggregate(arrays_zip(a, b), 0D, (s, x) -> s + x.a * x.b) w, aggregate(a, cast(0 as bigint), (s, x) -> s + x, s -> s / size(a)) y from values (array(1,2), array(3D,4D)) t(a,b)")

# case: array_sort by comparator
spark.createDataFrame([(['bb','a','ccc',None],)], 'a array<string>').select(F.array_sort('a', lambda x, y: F.when(x.isNull() | y.isNull(), F.lit(0)).otherwise(F.length(x) - F.length(y))).alias('x'), F.array_sort('a').alias('y'), F.sort_array('a', False).alias('z'))

# case: reduce
spark.createDataFrame([([1,2],)], 'a array<int>').select(F.reduce('a', F.lit(0), lambda s, x: s + x).alias('x'), F.reduce('a', F.struct(F.lit(0).alias('n'), F.lit(0).alias('s')), lambda acc, x: F.struct((acc.n + 1).alias('n'), (acc.s + x).alias('s')), lambda acc: acc.s / acc.n).alias('y'))
