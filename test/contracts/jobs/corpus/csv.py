# case: no header
put('a.csv', '1,x\n2,y\n')
spark.read.csv(at('a.csv'))

# case: header with equal and empty names
put('a.csv', 'a,A,,b\n1,2,3,4\n')
spark.read.csv(at('a.csv'), header=True)

# case: inferSchema over every type
put('a.csv', 'i,l,d,dec,b,day,t,s,mixed,empty\n1,3000000000,1.5,12345678901234567890,true,2024-01-31,2024-01-31 10:11:12,x,1,\n2,4,2,1,FALSE,2024-02-01,2024-02-01T00:00:00.5,y,z,\n')
spark.read.csv(at('a.csv'), header=True, inferSchema=True)

# case: inferSchema int and double, date and timestamp
put('a.csv', '1,2024-01-01,007\n2.5,2024-01-01 01:02:03,8\n')
spark.read.csv(at('a.csv'), inferSchema=True)

# case: permissive with corrupt record
put('a.csv', '1,x\nz,y\n3\n4,w,extra\n')
spark.read.schema('a int, b string, _corrupt_record string').csv(at('a.csv')).cache()

# case: permissive without corrupt column
put('a.csv', '1,x\nz,y\n3\n4,w,extra\n')
spark.read.schema('a int, b string').csv(at('a.csv'))

# case: another corrupt column
put('a.csv', '1,x\nz,y\n')
spark.read.schema('a int, b string, bad string').option('columnNameOfCorruptRecord', 'bad').csv(at('a.csv'))

# case: dropmalformed
put('a.csv', '1,x\nz,y\n3\n4,w,extra\n')
spark.read.schema('a int, b string').option('mode', 'DROPMALFORMED').csv(at('a.csv'))

# case: failfast
put('a.csv', '1,x\nz,y\n')
spark.read.schema('a int, b string').option('mode', 'FAILFAST').csv(at('a.csv')).collect()

# case: failfast without schema and ragged
put('a.csv', '1,x\n2\n')
spark.read.option('mode', 'FAILFAST').csv(at('a.csv')).collect()

# case: separators, quotes, escapes
put('a.csv', "1;'a;b';'it\\'s'\n2;plain;''\n")
spark.read.csv(at('a.csv'), sep=';', quote="'")

# case: doubled quotes with escape
put('a.csv', '1,"say ""hi""",z\n')
spark.read.csv(at('a.csv'), escape='"')

# case: doubled quotes without escape
put('a.csv', '1,"say ""hi""",z\n')
spark.read.csv(at('a.csv'))

# case: backslash before a plain character
put('a.csv', '1,"a\\nb",c\\d\n')
spark.read.csv(at('a.csv'))

# case: quote in the middle of a field
put('a.csv', '1,ab"c"d,e\n2,5" disk,f\n')
spark.read.csv(at('a.csv'))

# case: text after a closing quote
put('a.csv', '1,"ab"c,e\n2,x,y\n')
spark.read.csv(at('a.csv'))

# case: unclosed quote
put('a.csv', '1,"abc,e\n2,x,y\n')
spark.read.csv(at('a.csv'))

# case: tab separator
put('a.tsv', 'a\tb\n1\t2\n')
spark.read.csv(at('a.tsv'), sep='\t', header=True)

# case: separator of two characters
put('a.csv', '1||x\n2||y|z\n')
spark.read.csv(at('a.csv'), sep='||')

# case: multiLine
put('a.csv', 'a,b\n1,"x\ny"\n2,z\n')
spark.read.csv(at('a.csv'), header=True, multiLine=True)

# case: newline in quotes without multiLine
put('a.csv', 'a,b\n1,"x\ny"\n2,z\n')
spark.read.csv(at('a.csv'), header=True)

# case: encoding latin-1
put('a.csv', 'nome\nJoão\nCafé\n', encoding='latin-1')
spark.read.csv(at('a.csv'), header=True, encoding='ISO-8859-1')

# case: encoding utf-16 multiLine
put('a.csv', 'nome,n\nJoão,1\n', encoding='utf-16')
spark.read.csv(at('a.csv'), header=True, encoding='UTF-16', multiLine=True)

# case: latin-1 read as utf-8
put('a.csv', 'nome,n\nJoão,1\n', encoding='latin-1')
spark.read.csv(at('a.csv'), header=True)

# case: byte order mark
put('a.csv', '\ufeffa,b\n1,2\n')
spark.read.csv(at('a.csv'), header=True)

# case: carriage returns
put('a.csv', 'a,b\r\n1,2\r\n3,4\r\n')
spark.read.csv(at('a.csv'), header=True)

# case: blank lines and lines of blanks
put('a.csv', 'a,b\n\n1,2\n   \n3,4\n\n')
spark.read.csv(at('a.csv'), header=True)

# case: one column with blank lines
put('a.csv', 'a\n1\n\n3\n')
spark.read.csv(at('a.csv'), header=True)

# case: nullValue and emptyValue
put('a.csv', '1,NA,""\n2,x,\nNA,"NA",y\n')
spark.read.schema('a int, b string, c string').csv(at('a.csv'), nullValue='NA', emptyValue='EMPTY')

# case: nullValue while inferring
put('a.csv', 'a,b\n1,-\n-,2.5\n')
spark.read.csv(at('a.csv'), header=True, inferSchema=True, nullValue='-')

# case: empty quoted
put('a.csv', 'a,b\n"",1\n,2\n')
spark.read.csv(at('a.csv'), header=True)

# case: white space
put('a.csv', ' a , b \n 1 , x \n')
spark.read.csv(at('a.csv'), header=True, ignoreLeadingWhiteSpace=True, ignoreTrailingWhiteSpace=True), spark.read.csv(at('a.csv'), header=True)

# case: numbers with blanks
put('a.csv', ' 1 , 2.5 ,true \n')
spark.read.schema('a int, b double, c boolean').csv(at('a.csv'))

# case: comments
put('a.csv', '#c\na,b\n1,2\n#x\n')
spark.read.csv(at('a.csv'), header=True, comment='#')

# case: dateFormat and timestampFormat
put('a.csv', '31/01/2024,31/01/2024 10:11\nx,y\n')
spark.read.schema('d date, t timestamp').csv(at('a.csv'), dateFormat='dd/MM/yyyy', timestampFormat='dd/MM/yyyy HH:mm')

# case: dateFormat while inferring
put('a.csv', '31/01/2024,1\n01/02/2024,2\n')
spark.read.csv(at('a.csv'), dateFormat='dd/MM/yyyy', inferSchema=True)

# case: timestampFormat while inferring
put('a.csv', '31/01/2024 10:11,1\n01/02/2024 00:00,2\n')
spark.read.csv(at('a.csv'), timestampFormat='dd/MM/yyyy HH:mm', inferSchema=True)

# case: dates with one digit
put('a.csv', '2024-1-5,2024-1-5 1:2:3\n')
spark.read.schema('d date, t timestamp').csv(at('a.csv'))

# case: impossible dates
put('a.csv', '2024-02-30,2024-13-01 00:00:00\n2024-02-29,2024-01-01 25:00:00\n')
spark.read.schema('d date, t timestamp').csv(at('a.csv'))

# case: timestamps with zones
put('a.csv', '2024-01-01T10:00:00Z\n2024-01-01T10:00:00-03:00\n2024-01-01 10:00:00.123456\n2024-01-01\n')
spark.read.schema('t timestamp').csv(at('a.csv'))

# case: numbers at their bounds
put('a.csv', '127,32767,2147483647,9223372036854775807\n128,32768,2147483648,9223372036854775808\n-128,-32768,-2147483648,-9223372036854775808\n')
spark.read.schema('b tinyint, s smallint, i int, l bigint').csv(at('a.csv'))

# case: number forms
put('a.csv', '1.0,1e3,+5\n1,1.,.5\n 1,1d,NaN\n0x1,Infinity,Inf\n')
spark.read.schema('i int, d double, e double').csv(at('a.csv'))

# case: decimals
put('a.csv', '1.005,1\n123456.789,2\n"1,234.5",3\n-0.001,4\nabc,5\n')
spark.read.schema('d decimal(7,2), n int').csv(at('a.csv'))

# case: booleans
put('a.csv', 'true\nTRUE\nfalse\n1\nyes\n')
spark.read.schema('b boolean').csv(at('a.csv'))

# case: nan, infinities
put('a.csv', 'nan?,inf!\nNaN,-Inf\n')
spark.read.schema('a double, b double').csv(at('a.csv'), nanValue='nan?', positiveInf='inf!')

# case: schema narrower and wider than the file
put('a.csv', 'a,b,c\n1,2,3\n')
spark.read.schema('a int, b int').csv(at('a.csv'), header=True), spark.read.schema('a int, b int, c int, d int').csv(at('a.csv'), header=True)

# case: schema in another order than the header
put('a.csv', 'a,b\n1,x\n')
spark.read.schema('b string, a int').csv(at('a.csv'), header=True)

# case: enforceSchema off
put('a.csv', 'a,b\n1,x\n')
spark.read.schema('b string, a string').csv(at('a.csv'), header=True, enforceSchema=False).collect()

# case: two files with headers
put('d/a.csv', 'a,b\n1,2\n')
put('d/b.csv', 'a,b\n3,4\n')
spark.read.csv(at('d'), header=True)

# case: empty file
put('a.csv', '')
spark.read.csv(at('a.csv'))

# case: only a header
put('a.csv', 'a,b\n')
spark.read.csv(at('a.csv'), header=True, inferSchema=True)

# case: gzip and bzip2
import gzip, bz2
put('d/a.csv.gz', gzip.compress(b'a,b\n1,2\n'))
put('d/b.csv.bz2', bz2.compress(b'a,b\n3,4\n'))
put('d/c.csv', 'a,b\n5,6\n')
spark.read.csv(at('d'), header=True)

# case: lineSep
put('a.csv', 'a,b;1,2;3,4')
spark.read.csv(at('a.csv'), header=True, lineSep=';')

# case: samplingRatio
put('a.csv', 'a\n1\n2\n')
spark.read.csv(at('a.csv'), header=True, inferSchema=True, samplingRatio=1.0)

# case: unicode
put('a.csv', 'naïve,日本\nção,🎉\n')
spark.read.csv(at('a.csv'), header=True)

# case: complex type
put('a.csv', '1\n')
spark.read.schema('a array<int>').csv(at('a.csv')).collect()

# case: count of columns by the first line
put('a.csv', '1,2\n3,4,5\n')
spark.read.csv(at('a.csv'))

# case: only the corrupt column
put('a.csv', '1\nx\n')
spark.read.schema('a int, _corrupt_record string').csv(at('a.csv')).select('_corrupt_record').collect()

# case: text of a cut column still marks the record
put('a.csv', '1,x\n2,3\n')
spark.read.schema('a int, b int').option('mode', 'DROPMALFORMED').csv(at('a.csv')).select('a')

# case: count with dropmalformed
put('a.csv', '1,x\n2,3\n')
spark.read.schema('a int, b int').option('mode', 'DROPMALFORMED').csv(at('a.csv')).count()

# case: an rdd of strings
spark.read.csv(spark.sparkContext.parallelize(['1,2']))

# case: quotes inside quotes, line by line
put('a.csv', '\n'.join(['1,"say ""hi, there""",z', '2,"a""",b', '3,"a"" ,b', '4,"a" ,b', '5,"a\\"b",c', '6,"""a""",b', '7,"",""""', '8,"a,b"c,d', '9,"a\\\\",b', '10,"a\\', '11, "a,b",c', '12,"a"b"c,d"', '13,a"b,c"', '14,"",x', '15,"a""b"', '16,"x""y,z"w",v', '17,"p\\q",r', '18,"a""b,c",d']) + '\n')
spark.read.schema('a string, b string, c string, d string').csv(at('a.csv'))

# case: the same with the quote as escape
put('a.csv', '\n'.join(['1,"say ""hi, there""",z', '2,"a""",b', '3,"a"" ,b', '4,"a" ,b', '6,"""a""",b', '7,"",""""', '8,"a,b"c,d', '10,"a', '11, "a,b",c', '12,"a"b"c,d"', '13,a"b,c"', '15,"a""b"', '16,"x""y,z"w",v']) + '\n')
spark.read.schema('a string, b string, c string, d string').option('escape', '"').csv(at('a.csv'))

# case: unclosed quote over lines with multiLine
put('a.csv', '1,"abc,e\n2,x,y\n')
spark.read.schema('a string, b string, c string').csv(at('a.csv'), multiLine=True)

# case: inferSchema of dates in other forms
put('a.csv', '2024-1-5,2024-01-05T00:00:00Z,2024-01,10:11,2024/01/05,20240105\n')
spark.read.csv(at('a.csv'), inferSchema=True).withColumn('_c3', F.date_format('_c3', 'HH:mm'))

# case: inferSchema of leading zeros, plus signs, blanks and booleans
put('a.csv', '007,+5, 5,True,1e5,1.,.5,-,1d,NaN,1_000\n')
spark.read.csv(at('a.csv'), inferSchema=True)

# case: inferSchema of a long and a double, of a boolean and a number
put('a.csv', '3000000000,true,1,99999999999999999999,2024-01-01\n1.5,1,x,1.5,1\n')
spark.read.csv(at('a.csv'), inferSchema=True)

# case: inferSchema with Spark 3 and a trailing null column
put('a.csv', 'a,b\n1,\n2,\n')
spark.read.csv(at('a.csv'), header=True, inferSchema=True)
