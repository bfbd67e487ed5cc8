# case: json
df = spark.createDataFrame([('{"a": 1, "b": [1, 2.50], "c": {"d": "x  y", "z": 1.00}, "e": 1.50, "f": null, "g": true, "s": "{\\"q\\": 1}", "t": "[a b]", "u": "7.50", "v": 10, "w": "1.50e"}',), ('{"a": "x"}',), ('not json',), ('[1]',), ('',), (None,)], 'j string')
df.select(*[F.get_json_object('j', f'$.{k}').alias(k) for k in 'abcefgstuvw'], F.get_json_object('j', '$.b[1]').alias('b1'), F.get_json_object('j', '$.c.d').alias('cd'), F.get_json_object('j', "$['a']").alias('h'), F.get_json_object('j', '$').alias('i'))

# case: json in SQL
spark.sql("""select get_json_object('{"a": {"b": [1, 2]}}', '$.a') x, get_json_object('{"a": {"b": [1, 2]}}', '$.a.b') y, get_json_object('{"a":1e5}', '$.b') z""")

# case: json exponent
spark.sql("""select get_json_object('{"a":1e5}', '$.a') z""")

# case: from_json arrays
spark.createDataFrame([('[{"a": 1}, {"a": 2}]',), ('{"a": 3}',), ('[]',), ('[1, 2]',), ('[1, null]',)], 'j string').select(F.from_json('j', 'array<int>').alias('y'), F.from_json('j', 'a int').alias('z'))

# case: from_json arrays 2
spark.createDataFrame([('[{"a": 1}, {"a": 2}]',), ('{"a": 3}',), ('[]',), ('[1, 2]',), ('x',)], 'j string').select(F.from_json('j', 'array<struct<a: int>>').alias('x'), F.from_json('j', T.ArrayType(T.StructType([T.StructField('a', T.IntegerType())]))).alias('y'))

# case: from_json a
df = spark.createDataFrame([('{"a": 1, "b": [1, 2], "c": {"d": "x"}, "e": 1.50, "dt": "2024-02-03"}',), ('{"a": "7", "b": 5, "e": "x"}',), ('not json',), ('{}',), (None,)], 'j string')
df.select(F.from_json('j', 'a int, b array<int>, c struct<d: string>, e double, dt date').alias('x'))

# case: from_json b
df = spark.createDataFrame([('{"a": 1, "b": [1, 2], "c": {"d": "x"}, "e": 1.50, "dt": "2024-02-03"}',), ('{"a": "7", "b": 5, "e": "x"}',), ('not json',), ('{}',), (None,)], 'j string')
df.select(F.from_json('j', 'map<string,string>').alias('y'))

# case: from_json c
df = spark.createDataFrame([('{"a": 1, "b": [1, 2], "c": {"d": "x"}, "e": 1.50, "dt": "2024-02-03"}',), ('{"a": "7", "b": 5, "e": "x"}',), ('not json',), ('{}',), (None,)], 'j string')
df.select(F.from_json('j', 'a string, e decimal(5,2), z boolean').alias('z'))

# case: from_json d
spark.createDataFrame([('{"t": "2024-01-01T10:00:00Z"}',), ('{"t": "2024-01-01 10:00:00"}',), ('{"t": "x"}',), ('{"t": "2024-01-01T10:00:00.123+02:00"}',)], 'j string').select(F.from_json('j', 't timestamp').alias('z'))

# case: from_json e
spark.createDataFrame([('{"c": {"d": "x  y", "e": [1, 2]}, "s": "q w", "n": 1.50}',)], 'j string').select(F.from_json('j', 'c string, s string, n string').alias('z'))

# case: to_json
spark.sql("select to_json(named_struct('a', 1, 'b', null, 'c', array(1, null), 'd', map('k', 1.5D), 'e', date'2024-01-01', 'f', timestamp'2024-01-01 10:00:00', 'g', 'q\"uote 1.50', 'h', cast(150 as decimal(5,0)), 'i', named_struct('z', cast(null as int)))) a, to_json(map('a', null, 'b', 2)) b, to_json(array(struct(1 as x))) c, to_json(named_struct('a', cast('NaN' as double), 'b', 1234567.5D, 'c', 0.001D, 'd', 100D)) d")

# case: to_json decimals
spark.sql("select to_json(named_struct('h', cast(1.50 as decimal(5,2)))) a")

# case: to_json doubles
spark.sql("select to_json(named_struct('h', d)) a from values (12345678.5D) t(d)")

# case: json length
spark.sql("select json_array_length('[1,2,3]') a, json_array_length('{}') b, json_object_keys('{\"a\": 1, \"b\": 2}') c, json_array_length('x') d, json_array_length(null) e")

# case: json_tuple
spark.createDataFrame([('{"a": 1, "b": [1, 2], "c": {"d": "x"}, "e": 1.50, "f": null}',), ('not json',), (None,)], 'j string').select(F.json_tuple('j', 'a', 'b', 'c', 'e', 'f', 'zz').alias('a','b','c','e','f','zz'))

# case: json columns
spark.createDataFrame([(1, 'x', None)], 'a int, b string, c double').select(F.to_json(F.struct('*')).alias('a'), F.to_json(F.struct('a', 'c'), {'ignoreNullFields': 'false'}).alias('b'))

# case: json columns 2
spark.createDataFrame([(1, 'x', None)], 'a int, b string, c double').select(F.to_json(F.struct('*')).alias('a'))

# case: schema_of_json
spark.range(1).select(F.schema_of_json('{"a": 1, "b": [1.5, 2], "c": {"d": "x"}, "e": null, "f": true, "g": [], "h": 12345678901, "i": [{"x": 1}, {"y": "s"}]}').alias('a'), F.schema_of_json('[{"a": 1}]').alias('b'))

# case: csv functions
spark.sql("select from_csv('1,x,2024-01-01', 'a int, b string, c date') a, from_csv('1;2', 'a int, b int', map('sep', ';')) b, to_csv(named_struct('a', 1, 'b', 'x,y')) c, schema_of_csv('1,abc,1.5') d")
