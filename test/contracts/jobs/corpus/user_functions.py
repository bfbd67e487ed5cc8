# case: udf structs
f = F.udf(lambda n: (n, 'x') if n else None, 'n int, b string')
g = F.udf(lambda n: {'n': n, 'b': 'x'} if n else None, T.StructType([T.StructField('n', T.IntegerType()), T.StructField('b', T.StringType())]))
df = spark.createDataFrame([(1,), (None,), (3,)], 'n int')
df.select(f('n').alias('s')).select('s.*', F.col('s').isNull().alias('z')), df.withColumn('s', g('n')).select('s.n', 's.b'), df.select(f('n')).columns

# case: udf others
f = F.udf(lambda n: None if n is None else n * 2, 'int'); g = F.udf(lambda a, b: f'{a}-{b}'); h = F.udf(lambda xs: [x + 1 for x in xs or []], 'array<int>')
df = spark.createDataFrame([(1, [1]), (None, None)], 'n int, a array<int>')
df.select(f('n').alias('a'), g('n', F.lit('z')).alias('b'), h('a').alias('c'))

# case: udf in SQL
spark.udf.register('twice', lambda x: x * 2 if x is not None else None, 'int')
spark.range(3).createOrReplaceTempView('t')
spark.sql("select twice(cast(id as int)) a from t where twice(cast(id as int)) > 1")

# case: pandas udf
import pandas as pd
@F.pandas_udf('double')
def plus(s: pd.Series) -> pd.Series: return s + 1.5
@F.pandas_udf('double')
def mean(s: pd.Series) -> float: return s.mean()
df = spark.createDataFrame([('a', 1.0), ('a', 2.0), ('b', None)], 'k string, v double')
df.select(plus('v').alias('p')), df.groupBy('k').agg(mean('v').alias('m'))

# case: mapInPandas
def big(batches):
    for b in batches:
        yield b[b.v > 1].assign(w=lambda x: x.v * 2)
spark.createDataFrame([('a', 1.0), ('a', 2.0), ('b', None)], 'k string, v double').mapInPandas(big, 'k string, v double, w double')

# case: mapInArrow
import pyarrow as pa
def same(batches):
    for b in batches: yield b
spark.range(3).mapInArrow(same, 'id long')

# case: applyInPandas
import pandas as pd
def norm(p): return p.assign(v=p.v - p.v.mean())
def counted(key, p): return pd.DataFrame([(key[0], len(p))], columns=['k', 'n'])
df = spark.createDataFrame([('a', 1.0), ('a', 2.0), ('b', 5.0), (None, 3.0)], 'k string, v double')
df.groupBy('k').applyInPandas(norm, 'k string, v double'), df.groupBy('k').applyInPandas(counted, 'k string, n long')

# case: cogroup
import pandas as pd
a = spark.createDataFrame([('a', 1), ('b', 2)], 'k string, v int'); b = spark.createDataFrame([('a', 10), ('c', 30)], 'k string, w int')
def both(x, y): return pd.DataFrame({'n': [len(x)], 'm': [len(y)]})
a.groupBy('k').cogroup(b.groupBy('k')).applyInPandas(both, 'n long, m long')

# case: conditionals
df = spark.createDataFrame([(1, None, 'a'), (None, 2.5, None), (0, 0.0, '')], 'i int, d double, s string')
df.select(F.coalesce('i', 'd').alias('a'), F.when(F.col('i') > 0, 'p').when(F.col('i') == 0, 'z').alias('b'), F.nvl('s', F.lit('q')).alias('c'), F.nullif('i', F.lit(0)).alias('e'), F.ifnull('d', F.lit(1.0)).alias('f'), F.nvl2('s', F.lit(1), F.lit(2)).alias('g'), F.isnull('s').alias('h'), F.greatest('i', 'd').alias('j'), F.least(F.lit(5), 'i').alias('k'), (F.col('i') == F.col('d')).alias('l'), F.col('i').eqNullSafe(None).alias('m'), (F.col('i') / F.col('d')).alias('n'), F.expr('if(i is null, s, "w")').alias('o'), F.decode if False else F.lit(1), F.expr("decode(i, 1, 'one', 0, 'zero', 'other')").alias('p'), F.equal_null('s', F.lit(None)).alias('q'))
