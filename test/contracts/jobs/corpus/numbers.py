# case: decimals by columns
spark.sql("select cast(1.123456789123456789 as decimal(38,18)) a, cast(2.5 as decimal(38,18)) b, cast(3.25 as decimal(20,10)) c, 3 n, 1.5D d, date'2024-01-31' e").select((F.col('a')*F.col('b')).alias('m'),(F.col('a')*F.col('c')).alias('n'),(F.col('a')+F.col('c')).alias('o'), (F.col('c')*F.col('c')).alias('p'), (F.col('a')*F.col('n')).alias('q'), (F.col('a')*2).alias('r'), (F.col('a')*F.col('b')*F.col('c')).alias('s'), (F.col('a') * F.col('d')).alias('t'), (F.col('c')-F.col('n')).alias('u'), (F.col('n')+1).alias('v'), F.date_add('e', 1).alias('w'))

# case: decimals in aggregates and filters
df = spark.createDataFrame([(1, 'x'), (2, 'y')], 'n int, k string').withColumn('a', F.col('n').cast('decimal(38,18)'))
df.filter(F.col('a') * F.col('a') > 3).count(), df.groupBy('k').agg(F.sum(F.col('a') * F.col('a')).alias('s'), F.avg(F.col('a') + 1).alias('v')), df.withColumn('b', F.col('a') * F.col('a')).withColumn('c', F.col('b') + F.col('a'))

# case: decimals four
df = spark.createDataFrame([(1,)], 'n int').select(F.col('n').cast('decimal(10,2)').alias('a'))
df.select((F.col('a')*F.col('a')*F.col('a')*F.col('a')).alias('b'), (F.col('a')*F.col('a')*F.col('a')).alias('c'))

# case: decimals window
from pyspark.sql.window import Window
spark.createDataFrame([(1, 2), (1, 3)], 'k int, n int').withColumn('a', F.col('n').cast('decimal(38,10)')).withColumn('s', F.sum(F.col('a') * F.col('a')).over(Window.partitionBy('k').orderBy('n')))

# case: decimals text
spark.sql("select cast(1.5 as decimal(38,18)) a").createOrReplaceTempView('t1')
spark.sql("select a * a b from t1")

# case: decimals text harmless
spark.sql("select cast(1.5 as decimal(12,2)) a").createOrReplaceTempView('t1')
spark.sql("select a * a b, count(*) n, sum(a - 1) s from t1 group by a")

# case: remainder
spark.sql("select d % -d a, 5 % n b, n % -3 c, cast(7.5 as decimal(4,1)) % m e, mod(7, n) f, d % d g, 7 % (n + 1) h from values (0.0D, 3, cast(-2.0 as decimal(4,1))), (2.5D, -3, 2.0) t(d, n, m)")

# case: remainder columns
spark.createDataFrame([(7, -3, -0.0), (7, 3, 2.0)], 'a int, b int, d double').select((F.col('a') % F.col('b')).alias('x'), (F.col('a') % F.col('d')).alias('y'), (F.col('a') % 3).alias('z'), F.col('a').bitwiseXOR(F.col('b')).alias('w'), F.pmod('a','b').alias('v'))

# case: xor
spark.sql("select i ^ i a, i ^ 1 b, i ^ j c, (i + 1) ^ (i + 1) e from values (null, 2), (5, 2) t(i,j)")

# case: names
spark.range(3).select(F.col('id') % 2, F.col('id') * 2, F.col('id') % F.col('id'))

# case: names sql
spark.sql("select id % 2, id % id from range(3)")

# case: avg overflow
spark.sql("select avg(a) v from values (cast(99999999999999999999999999999999999999 as decimal(38,0))), (cast(99999999999999999999999999999999999999 as decimal(38,0))) t(a)")

# case: decimal sums
spark.sql("select sum(a) t, avg(a) v, sum(a*2) w, sum(a)*2 x, max(a) y, sum(c) z, avg(c) u from values (cast(1.123456789123456789 as decimal(38,18)), cast(3.25 as decimal(10,2))) t(a,c)")

# case: decimal overflow
spark.sql("select sum(a) s, avg(a) v, sum(a+a) w from values (cast(99999999999999999999999999999999999999 as decimal(38,0))), (cast(99999999999999999999999999999999999999 as decimal(38,0))) t(a)")

# case: zero groups
spark.sql("select d, count(*) c from values (0.0D), (-0.0D), (cast('NaN' as double)), (cast('Infinity' as double) - cast('Infinity' as double)) t(d) group by d")

# case: floor nan
spark.sql("select floor(d) a, ceil(d) b, floor(d) > 5 c, ceil(d) + 1 e from values (cast('NaN' as double)), (1.5D), (cast('Infinity' as double)) t(d)")

# case: not in null
spark.sql("select x, x in (1, null) a, x not in (1, null) b from values (1), (2), (null) t(x)").filter("not (x in (1, null)) or x is null")

# case: isin null col
spark.createDataFrame([(1,), (2,), (None,)], 'x int').select('x', F.col('x').isin(1, None).alias('a'), (~F.col('x').isin(1, None)).alias('b'))

# case: bits and numbers
spark.sql("select 7 & 3 a, 7 | 8 b, ~7 c, shiftleft(1, 4) d, shiftrightunsigned(-1, 28) e, bin(10) f, hex(255) g, conv('ff', 16, 10) h, bit_count(7) i, factorial(5) j, cbrt(27) k, hypot(3, 4) l, log(2, 8) m, log2(8) n, log10(100) o, exp(0) p, pow(2, 10) q, round(2.5) r, bround(2.5) s, ceil(1.2) t, floor(-1.2) u, sign(-3) v, abs(-3.5) w, pmod(-7, 3) x, mod(-7, 3) y, -7 % 3 z, 7 div 2 aa, 7 / 2 bb, 1 / 0 cc, radians(180) dd, degrees(pi()) ee, e() ff, rint(2.5) gg, width_bucket(5, 0, 10, 5) hh, greatest(1, null, 3) ii, positive(-1) jj, try_add(1, 2) kk, try_divide(1, 0) ll")

# case: casts
spark.sql("select cast('12' as int) a, cast('12.7' as int) b, cast('x' as int) c, cast('' as int) d, cast(' 5 ' as int) e, cast('1e3' as double) f, cast('1e3' as int) g, cast('true' as boolean) h, cast('y' as boolean) i, cast('2' as boolean) j, cast(1.9 as int) k, cast(-1.9D as int) l, cast('2024-02-30' as date) m, cast('2024' as date) n, cast('12:00' as timestamp) is null o, cast('abc' as binary) p, cast('NaN' as double) q, cast('inf' as double) r, cast('1,000' as int) s, cast(true as int) t, cast(date'2024-01-01' as timestamp) u, cast(timestamp'2024-01-01 10:00:00' as date) v, cast('+7' as int) w, cast('0x1A' as int) x, cast(1 as string) y, cast(null as int) z, int('5') aa, cast('99999999999' as int) bb, cast('1.50' as decimal(5,1)) cc, cast('1000' as decimal(3,0)) dd")

# case: avg small
spark.sql("select avg(a) v, try_avg(a) w from values (cast(1 as decimal(38,0))), (cast(2 as decimal(38,0))) t(a)")

# case: strings over decimals
df = spark.sql("select cast(1.5 as decimal(38,18)) a, cast(2.5 as decimal(10,2)) b")
df.select(F.expr("a * a"))

# case: text sums
spark.sql("select cast(2.5 as decimal(20,3)) + cast(1.25 as decimal(10,2)) x")
