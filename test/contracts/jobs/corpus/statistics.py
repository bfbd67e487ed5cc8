# case: approxQuantile without error
df = spark.createDataFrame([(i % 17, float(i)/7, None if i % 3 else i) for i in range(1000)], 'a int, b double, c int')
df.approxQuantile(['a','b','c'], [0.0, 0.25,0.5,1.0], 0.0), df.stat.approxQuantile('a', [0.5], 0.0), df.approxQuantile('c', (0.1,0.9), 0.0)

# case: approxQuantile of NaN and null
df = spark.createDataFrame([(float('nan'), None, 'x'), (1.0, None, 'y')], 'a double, b int, s string')
df.approxQuantile(['a','b'], [0.5], 0.0), df.filter('a < 0').approxQuantile('a', [0.5], 0.1)

# case: approxQuantile of text
spark.range(10).selectExpr("cast(id as string) s").approxQuantile('s', [0.5], 0.1)

# case: approxQuantile beyond one
spark.range(10).approxQuantile('id', [1.5], 0.1)

# case: approxQuantile of a negative error
spark.range(10).approxQuantile('id', [0.5], -0.1)

# case: approxQuantile of decimals
spark.range(10).selectExpr("cast(id as decimal(10,2)) d").approxQuantile('d', [0.5], 0.0)

# case: approxQuantile of timestamps
spark.range(10).selectExpr("timestamp_seconds(id) d").approxQuantile('d', [0.5], 0.0)

# case: approxQuantile of no column
spark.range(1, 11).approxQuantile('nothing', [0.5], 0.0)

# case: freqItems
df = spark.createDataFrame([(1, 11), (1, 11), (3, 10), (4, 8), (4, 8)], ["c1", "c2"])
df.freqItems(["c1", "c2"]).select(F.sort_array('c1_freqItems'), F.sort_array('c2_freqItems')), df.freqItems(["c1", "c2"], 0.5).select(F.sort_array('c1_freqItems'), F.sort_array('c2_freqItems'))

# case: freqItems of a tiny support
spark.range(10).freqItems(['id'], 0.00001)

# case: freqItems of a support beyond one
spark.range(10).freqItems(['id'], 1.5)

# case: freqItems of many rows
spark.createDataFrame([(i % 5 if i % 2 else 1,) for i in range(1000)], 'a int').coalesce(1).freqItems(['a'], 0.4)

# case: correlations and crosstab
df = spark.createDataFrame([(1, 2.0, 'x'), (2, 4.5, 'y'), (3, 5.0, 'x')], 'a int, b double, s string')
df.stat.corr('a', 'b'), df.stat.cov('a', 'b'), df.stat.crosstab('a', 's'), df.corr('a','b'), df.cov('a','b')

# case: percentiles
spark.range(100).selectExpr("percentile_approx(id, array(0.25, 0.5, 0.75)) a", "approx_percentile(id, 0.5, 100) b", "percentile_approx(id, array(0.1D)) c")

# case: percentiles by columns
spark.range(100).select(F.percentile_approx('id', [0.25, 0.5], 1000).alias('a'), F.percentile_approx('id', 0.3).alias('b'), F.percentile_approx('id', F.array(F.lit(0.1), F.lit(0.2))).alias('c'))

# case: percentile exact
spark.range(100).selectExpr("percentile(id, array(0.25, 0.5)) a", "percentile(id, 0.3) b", "median(id) c")

# case: histogram
spark.range(10).selectExpr("histogram_numeric(id, 5)")
