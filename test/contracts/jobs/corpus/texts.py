# case: strings
df = spark.createDataFrame([('  Hello, World  ',), ('ação-ÇÃO',), ('',), (None,), ('a,b,,c',), ('tab\tx\ny',)], 's string')
df.select(F.trim('s').alias('a'), F.upper('s').alias('b'), F.initcap('s').alias('c'), F.length('s').alias('d'), F.substring('s', 2, 3).alias('e'), F.split('s', ',').alias('f'), F.split('s', ',', 2).alias('g'), F.reverse('s').alias('h'), F.lpad('s', 8, '*').alias('i'), F.rpad('s', 3, 'x').alias('j'), F.regexp_replace('s', '[aeiou]', '_').alias('k'), F.translate('s', 'abc', 'xy').alias('l'), F.instr('s', 'o').alias('m'), F.locate('o', 's', 6).alias('n'), F.substring_index('s', ',', -1).alias('o'), F.concat_ws('|', 's', F.lit('z')).alias('p'), F.ascii('s').alias('q'), F.base64(F.col('s').cast('binary')).alias('r'), F.hex('s').alias('t'), F.md5('s').alias('u'), F.soundex('s').alias('v'), F.levenshtein('s', F.lit('Hello')).alias('w'), F.repeat('s', 2).alias('x'), F.octet_length('s').alias('y'), F.bit_length('s').alias('z'))

# case: strings 2
df = spark.createDataFrame([('  Hello, World  ',), ('ação-ÇÃO',), ('',), (None,), ('a,b,,c',)], 's string')
df.select(F.col('s').contains('o').alias('a'), F.col('s').startswith('a').alias('b'), F.col('s').endswith('c').alias('c'), F.col('s').substr(2, 2).alias('d'), F.col('s').like('%o%').alias('e'), F.col('s').ilike('%HELLO%').alias('f'), F.col('s').rlike('^[a-z,]+$').alias('g'), F.ltrim('s').alias('h'), F.left('s', F.lit(2)).alias('i'), F.right('s', F.lit(2)).alias('j'), F.split_part('s', F.lit(','), F.lit(2)).alias('k'), F.overlay('s', F.lit('ZZ'), 2, 1).alias('l'), F.crc32('s').alias('n'), F.sha1('s').alias('o'), F.sha2('s', 512).alias('p'), F.find_in_set(F.lit('b'), 's').alias('q'), F.char_length('s').alias('r'), F.btrim('s').alias('t'), F.url_encode('s').alias('u'), F.startswith('s', F.lit('')).alias('v'), F.regexp_count('s', F.lit('[a-z]')).alias('w'), F.regexp_substr('s', F.lit('[a-z]+')).alias('x'), F.regexp_instr('s', F.lit('l+')).alias('y'))

# case: string misc
spark.sql("select concat('a', null) a, concat_ws(',', 'a', null, 'b') b, concat_ws(',', array('x', null), 'y') c, format_string('%05d|%s|%.2f', 42, 'x', 3.14159D) d, printf('%s', 'q') e, elt(2, 'a', 'b') f, field_ from (select 1 field_)")

# case: string misc 2
spark.sql("select substring('hello' from 2 for 3) a, position('l' in 'hello') b, trim(both 'x' from 'xxaxx') c, trim(leading from '  a ') d, ltrim('x', 'xxa') e, char(65) f, left('abc', 0) g, right('abc', 5) h, substr('abc', 0, 2) i, substr('abc', -2) j, lpad('7', 3, '0') k, upper('straße') l, lower('İ') m, initcap('hELLO wORLD-foo') n, to_number('12,345.67', '99,999.99') o, mask('AbCd-1234') p")

# case: string misc 3
spark.sql("select to_char(12345.678, '99,999.99') a, to_number('12,345.67', '99,999.99') o, luhn_check('79927398713') b, unbase64('YWJj') c, decode(encode('é', 'UTF-8'), 'UTF-8') d, ascii('é') e, hex('é') f, unhex('4142') g, 'a' || 'b' || 1 h, string(1.0D) i, cast(1e7D as string) j, cast(0.0001D as string) k, cast(123456789.123D as string) l, cast(float(1.1) as string) m, cast(1.10 as string) n, cast(true as string) o2, cast(array(1, null, 2) as string) p, cast(map('a', 1) as string) q, cast(named_struct('a', 1, 'b', null) as string) r")

# case: strings into sentences
spark.createDataFrame([('Hi there. Bye-bye!',)], 's string').select(F.sentences('s').alias('m'))

# case: regexps
spark.createDataFrame([('id=42;name=Ana',), ('id=7',), (None,), ('x',)], 's string').select(F.regexp_extract('s', r'id=(\d+)', 1).alias('a'), F.regexp_extract('s', r'id=(\d+);name=(\w+)', 2).alias('b'), F.regexp_extract_all('s', F.lit(r'(\w+)=(\w+)'), F.lit(2)).alias('c'), F.regexp_replace('s', r'(\w+)=(\w+)', '$2:$1').alias('d'), F.regexp_extract('s', r'\d+', 0).alias('e'), F.regexp_like('s', F.lit(r'\d')).alias('f'), F.regexp_replace('s', r'\s*;\s*', ' ').alias('g'), F.regexp_extract('s', r'zz(q)?', 1).alias('h'))

# case: regex classes
spark.sql(r"select regexp_replace('áé1٣', '\\w', 'x') h, 'é' rlike '^\\w$' i, '١' rlike '^\\d$' k, regexp_replace('a\tb\u00a0c', '\\s', '_') j, regexp_extract('naïve café', '\\b(\\w+)\\b', 1) l, split('a١b1c', '\\d') m, regexp_replace('a.b', '[\\w.]', '#') n, regexp_replace('a\\\\w', '\\\\\\\\w', 'y') o, 'é' regexp '\\W' p, regexp_count('aéb', '\\w') q")

# case: regex classes by columns
spark.createDataFrame([('áé1٣ x',), ('a.b',)], 's string').select(F.regexp_replace('s', r'\w', 'x').alias('a'), F.col('s').rlike(r'^\w').alias('b'), F.regexp_extract('s', r'(\w+)\s', 1).alias('c'), F.split('s', r'\W').alias('d'), F.regexp_replace('s', r'([a-z])', r'<$1a>').alias('e'), F.regexp_replace('s', r'([a-z])', r'\$').alias('f'), F.regexp_count('s', F.lit(r'\w')).alias('g'), F.regexp_replace('s', r'[^\w\s]', '').alias('h'))

# case: regexps sql
spark.sql(r"select regexp_replace('a.b.c', '\\.', '-') a, regexp_extract('foo123', '([a-z]+)([0-9]+)', 2) b, 'ab' rlike 'A' c, 'ab' rlike '(?i)AB' d, split('a1b2c', '[0-9]') e, regexp_extract_all('a1b2', '[a-z]([0-9])', 1) f")

# case: regexps sql dollar
spark.sql(r"select regexp_replace('abc', 'b', '\\$') g")
