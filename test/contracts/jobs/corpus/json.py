# case: inference
put('a.json', '{"b":1,"a":"x","n":null,"o":{"z":1.5,"y":[1,2]}}\n{"a":"y","c":true,"o":{"y":[3.5]}}\n')
spark.read.json(at('a.json'))

# case: numbers
put('a.json', '{"i":1,"d":1.5,"big":12345678901234567890,"e":1e3,"huge":1e400}\n{"i":2.5,"d":2}\n')
spark.read.json(at('a.json'))

# case: mixed types become strings
put('a.json', '{"v":1}\n{"v":"x"}\n{"v":{"a":1}}\n{"v":[1]}\n{"v":true}\n')
spark.read.json(at('a.json'))

# case: corrupt records
put('a.json', '{"a":1}\n{"a":\nnot json\n')
spark.read.json(at('a.json')).cache()

# case: corrupt record with schema
put('a.json', '{"a":1}\n{"a":"x"}\n{bad\n')
spark.read.schema('a int, _corrupt_record string').json(at('a.json')).cache()

# case: partial record
put('a.json', '{"a":1,"b":"x"}\n{"a":"x","b":"y"}\n')
spark.read.schema('a int, b string').json(at('a.json'))

# case: dropmalformed
put('a.json', '{"a":1}\n{"a":"x"}\n{bad\n')
spark.read.schema('a int').option('mode', 'DROPMALFORMED').json(at('a.json'))

# case: failfast
put('a.json', '{"a":1}\n{bad\n')
spark.read.schema('a int').option('mode', 'FAILFAST').json(at('a.json')).collect()

# case: failfast while inferring
put('a.json', '{"a":1}\n{bad\n')
spark.read.option('mode', 'FAILFAST').json(at('a.json')).collect()

# case: multiLine object
put('a.json', '{\n "a": 1,\n "b": [1, 2]\n}\n')
spark.read.json(at('a.json'), multiLine=True)

# case: multiLine array
put('a.json', '[\n {"a": 1},\n {"a": 2}\n]\n')
spark.read.json(at('a.json'), multiLine=True)

# case: pretty JSON without multiLine
put('a.json', '{\n "a": 1\n}\n')
spark.read.json(at('a.json')).cache()

# case: arrays in lines
put('a.json', '[{"a":1},{"a":2}]\n{"a":3}\n')
spark.read.json(at('a.json'))

# case: types by schema
put('a.json', '{"d":"2024-01-31","t":"2024-01-31T10:11:12Z","dec":1.234,"b":"true","l":"5","s":7,"o":{"x":1},"m":{"k":1},"arr":[1,"x"]}\n')
spark.read.schema('d date, t timestamp, dec decimal(5,2), b boolean, l bigint, s string, o string, m map<string,int>, arr array<int>').json(at('a.json'))

# case: number in timestamp, float in int
put('a.json', '{"t":1706695872,"i":1.0,"f":1,"l":1e3}\n')
spark.read.schema('t timestamp, i int, f float, l bigint').json(at('a.json'))

# case: date and timestamp formats
put('a.json', '{"d":"31/01/2024","t":"31/01/2024 10:11"}\n')
spark.read.schema('d date, t timestamp').json(at('a.json'), dateFormat='dd/MM/yyyy', timestampFormat='dd/MM/yyyy HH:mm')

# case: single quotes, comments
put('a.json', "{'a':'x'}\n")
spark.read.json(at('a.json'))

# case: allowComments and unquoted names
put('a.json', '{a:1} // x\n')
spark.read.json(at('a.json'), allowComments=True, allowUnquotedFieldNames=True)

# case: primitivesAsString
put('a.json', '{"a":1,"b":true,"c":1.50,"d":null}\n')
spark.read.json(at('a.json'), primitivesAsString=True)

# case: prefersDecimal
put('a.json', '{"a":1.50}\n')
spark.read.json(at('a.json'), prefersDecimal=True)

# case: dropFieldIfAllNull
put('a.json', '{"a":1,"b":null,"c":[]}\n')
spark.read.json(at('a.json'), dropFieldIfAllNull=True)

# case: duplicate keys
put('a.json', '{"a":1,"a":2}\n')
spark.read.schema('a int').json(at('a.json'))

# case: case of names
put('a.json', '{"A":1}\n{"a":2}\n')
spark.read.schema('a int').json(at('a.json'))

# case: empty lines, blanks, empty objects
put('a.json', '\n{}\n  \n{"a":1}\n')
spark.read.json(at('a.json'))

# case: empty file
put('a.json', '')
spark.read.json(at('a.json'))

# case: unicode and escapes
put('a.json', '{"a":"\\u00e9\\n\\t\\"","b":"🎉"}\n')
spark.read.json(at('a.json'))

# case: NaN and infinities
put('a.json', '{"a":NaN,"b":Infinity,"c":"NaN"}\n')
spark.read.schema('a double, b double, c double').json(at('a.json'))

# case: leading zeros
put('a.json', '{"a":007}\n')
spark.read.json(at('a.json')).cache()

# case: encoding
put('a.json', '{"a":"é"}\n', encoding='latin-1')
spark.read.json(at('a.json'), encoding='ISO-8859-1')

# case: lineSep
put('a.json', '{"a":1};{"a":2}')
spark.read.json(at('a.json'), lineSep=';')

# case: trailing text
put('a.json', '{"a":1} x\n{"a":2}{"a":3}\n')
spark.read.schema('a int, _corrupt_record string').json(at('a.json')).cache()

# case: nested nulls and missing
put('a.json', '{"o":{"a":1,"b":null},"l":[null,1]}\n{"o":null}\n')
spark.read.json(at('a.json'))

# case: inferTimestamp
put('a.json', '{"t":"2024-01-31T10:11:12"}\n')
spark.read.json(at('a.json'), inferTimestamp=True)

# case: samplingRatio
put('a.json', '{"a":1}\n')
spark.read.json(at('a.json'), samplingRatio=1.0)

# case: bad element in array
put('a.json', '{"a":[1,"x",3],"b":1}\n')
spark.read.schema('a array<int>, b int').json(at('a.json'))

# case: gzip
import gzip
put('a.json.gz', gzip.compress(b'{"a":1}\n'))
spark.read.json(at('a.json.gz'))
