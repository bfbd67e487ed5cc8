# case: date parts
d = spark.sql("select date'2024-02-29' d, timestamp'2024-02-29 23:59:59.999' t")
d.select(F.year('d'), F.month('d'), F.dayofmonth('d'), F.dayofweek('d'), F.dayofyear('d'), F.weekofyear('d'), F.quarter('d'), F.hour('t'), F.minute('t'), F.second('t'), F.last_day('d'), F.weekday('d') if hasattr(F, 'weekday') else F.lit(0))

# case: date arithmetic
d = spark.sql("select date'2024-01-31' d, date'2024-03-01' e, timestamp'2024-01-31 10:00:00' t")
d.select(F.date_add('d', 1), F.date_sub('d', 31), F.add_months('d', 1), F.add_months('d', -2), F.datediff('e', 'd'), F.months_between('e', 'd'), F.trunc('d', 'MM'), F.trunc('d', 'year'), F.date_trunc('hour', 't'), F.date_trunc('week', 't'), F.next_day('d', 'Mon'), F.expr('d + interval 1 month'), F.expr('t + interval 1 day 2 hours'), F.expr('e - d'))

# case: to_date and to_timestamp
d = spark.createDataFrame([('2024-01-31',), ('31/01/2024',), ('2024-1-5',), ('2024-02-30',), ('x',), ('',), (None,), ('2024-01-31T10:11:12',), ('2024',)], 's string')
d.select('s', F.to_date('s').alias('a'), F.to_timestamp('s').alias('c'))

# case: to_date with a format
d = spark.createDataFrame([('31/01/2024',), ('1/1/2024',), ('2024-01-31',), ('31/02/2024',)], 's string')
d.select('s', F.to_date('s', 'dd/MM/yyyy').alias('a'), F.to_date('s', 'd/M/yyyy').alias('b'), F.to_timestamp('s', 'dd/MM/yyyy').alias('c'))

# case: to_timestamp with formats
spark.sql("select to_timestamp('2024-01-31 10:11:12.123', 'yyyy-MM-dd HH:mm:ss.SSS') a, to_timestamp('31-Jan-2024 10:11 PM', 'dd-MMM-yyyy hh:mm a') b, to_timestamp('20240131', 'yyyyMMdd') c, to_timestamp('2024-01-31T10:11:12Z', \"yyyy-MM-dd'T'HH:mm:ssX\") d")

# case: date_format
spark.sql("select timestamp'2024-01-05 15:04:09.123' t").select(F.date_format('t', 'yyyy-MM-dd'), F.date_format('t', 'dd/MM/yyyy HH:mm:ss'), F.date_format('t', 'yyyyMMddHHmmss'), F.date_format('t', 'MMM d, yyyy h:mm a'), F.date_format('t', 'EEEE'), F.date_format('t', 'E'), F.date_format('t', 'MMMM'), F.date_format('t', 'D'), F.date_format('t', 'yy-M'), F.date_format('t', "yyyy'T'HH"), F.date_format('t', 'SSS'))

# case: date_format of letters Spark forbids
spark.sql("select date_format(timestamp'2024-01-05 15:04:09', 'YYYY-ww') a").collect()

# case: unix times
spark.sql("select unix_timestamp('2024-01-31 10:11:12') a, unix_timestamp('31/01/2024', 'dd/MM/yyyy') b, from_unixtime(1706695872) c, from_unixtime(0, 'yyyy-MM-dd') d, timestamp_seconds(1706695872) e, timestamp_millis(1706695872123) f, to_unix_timestamp('2024-01-31 00:00:00') g, unix_millis(timestamp'2024-01-31 10:11:12.5') h")

# case: time zones
spark.sql("select from_utc_timestamp(timestamp'2024-07-01 12:00:00', 'America/Sao_Paulo') a, to_utc_timestamp(timestamp'2024-07-01 12:00:00', 'America/New_York') b, from_utc_timestamp(timestamp'2024-03-10 07:30:00', 'America/New_York') c, to_utc_timestamp(timestamp'2024-03-10 02:30:00', 'America/New_York') d, to_utc_timestamp(timestamp'2024-11-03 01:30:00', 'America/New_York') e")

# case: session time zone with DST
spark.conf.set('spark.sql.session.timeZone', 'America/New_York')
found = spark.sql("select cast(cast('2024-03-10 02:30:00' as timestamp) as string) a, cast(timestamp'2024-03-10 01:30:00' + interval 1 hour as string) b, unix_timestamp('2024-11-03 01:30:00') c, cast(cast('2024-07-01T00:00:00Z' as timestamp) as string) d, hour(cast('2024-07-01T00:00:00Z' as timestamp)) e, to_date(cast('2024-07-01T00:00:00Z' as timestamp)) f, date_format(cast('2024-07-01T00:00:00Z' as timestamp), 'yyyy-MM-dd HH:mm') g, date_trunc('day', cast('2024-07-01T00:00:00Z' as timestamp)) h").collect()
spark.conf.set('spark.sql.session.timeZone', 'UTC')
found

# case: make dates
spark.sql("select make_date(2024, 2, 29) a, make_date(2023, 2, 29) b, make_timestamp(2024, 1, 31, 10, 11, 12.5) c, date_part('year', date'2024-01-31') d, extract(month from date'2024-01-31') e, date_from_unix_date(1) f, to_char(1234.5, '9,999.99') g")

# case: casts of timestamps and dates
spark.sql("select cast(timestamp'2024-01-31 10:11:12.5' as string) a, cast(timestamp'2024-01-31 10:11:12' as date) b, cast(date'2024-01-31' as timestamp) c, cast(timestamp'2024-01-31 10:11:12.5' as bigint) d, cast(timestamp'2024-01-31 10:11:12.5' as double) e, cast(1706695872 as timestamp) f, cast('2024-01-31' as date) g, cast('2024-1' as date) h, cast(date'2024-01-31' as string) i, cast('nope' as timestamp) j, cast(1.5 as timestamp) k")

# case: current dates
spark.sql("select typeof(current_date()) a, typeof(current_timestamp()) b, current_date() = to_date(current_timestamp()) c, typeof(now()) d")

# case: window of time
spark.sql("select timestamp'2024-01-31 10:11:12' t, 1 v").groupBy(F.window('t', '10 minutes')).agg(F.sum('v').alias('s')).select('window.start', 'window.end', 's')

# case: strings
d = spark.createDataFrame([('  Olá, Mundo ',), ('',), (None,), ('a,b,,c',)], 's string')
d.select(F.upper('s'), F.lower('s'), F.trim('s'), F.ltrim('s'), F.rtrim('s'), F.length('s'), F.reverse('s'), F.initcap('s'), F.lpad('s', 5, '*'), F.rpad('s', 15, '-'), F.repeat('s', 2), F.split('s', ','), F.substring('s', 2, 3), F.instr('s', 'a'), F.locate('a', 's', 2), F.concat_ws('|', 's', F.lit('x')), F.concat('s', F.lit('!')), F.translate('s', 'ab', 'x'), F.substring_index('s', ',', 2), F.ascii('s'))

# case: split with limit and regex
spark.sql("select split('a1b2c3', '[0-9]') a, split('a1b2c3', '[0-9]', 2) b, split('abc', '') c, split('a,b,,', ',') d, split('a|b', '\\\\|') e, split('a.b', '.') f")

# case: regexp
spark.sql("select regexp_extract('foo-123-bar', '(\\\\d+)', 1) a, regexp_extract('foo', '(\\\\d+)', 1) b, regexp_replace('a1b22', '\\\\d+', '#') c, regexp_replace('abc', '(b)', '[$1]') d, 'abc' rlike 'b' e, regexp_extract_all('a1b2', '(\\\\d)', 1) f, regexp_replace('aaa', 'a', 'b') g, regexp_extract('2024-01-31', '(\\\\d+)-(\\\\d+)', 2) h, 'x' like 'X' i, 'x' ilike 'X' j")

# case: regexp by the API
d = spark.createDataFrame([('loja-123_2025-10-20.csv',)], 's string')
d.select(F.regexp_extract('s', r'loja-(\d+)_(\d{4}-\d{2}-\d{2})', 1).alias('a'), F.regexp_extract('s', r'loja-(\d+)_(\d{4}-\d{2}-\d{2})', 2).alias('b'), F.regexp_replace('s', r'[^\w]', '_').alias('c'), F.regexp_extract('s', r'nada(\d)', 1).alias('d'), F.regexp_extract('s', r'(?<=loja-)\d+', 0).alias('e'))

# case: java regex features
spark.sql("select regexp_replace('aXbX', '(?i)x(?!$)', '-') a, regexp_extract('abcabc', '(abc)\\\\1', 0) b, regexp_replace('é1', '\\\\p{L}', 'L') c, regexp_extract('aaa', 'a{2}+', 0) d, regexp_replace('a b', '\\\\s', '\\\\\\\\') e")

# case: numbers of strings
spark.sql("select cast('12' as int) a, cast('12.7' as int) b, cast(' 12 ' as int) c, cast('abc' as int) d, cast('' as int) e, cast('1e3' as int) f, cast('1e3' as double) g, cast('12.345' as decimal(5,2)) h, cast('99999999999' as int) i, cast('true' as boolean) j, cast('t' as boolean) k, cast('yes' as boolean) l, cast('1' as boolean) m, cast('x' as boolean) n, cast('-0' as double) o, cast('Infinity' as double) p, cast('1,000' as int) q, cast('0x10' as int) r, cast('+5' as int) s, cast('5L' as bigint) t, cast('1.5f' as float) u")

# case: casts by the API
d = spark.createDataFrame([('12',), ('12.7',), ('abc',), ('',), (' 7 ',), ('99999999999',), ('1e2',), (None,)], 's string')
d.select('s', d.s.cast('int').alias('i'), d.s.cast('bigint').alias('l'), d.s.cast('double').alias('d'), d.s.cast('decimal(10,2)').alias('dec'), d.s.cast('boolean').alias('b'), d.s.cast('date').alias('dt'), d.s.cast('timestamp').alias('t'), d.s.cast('smallint').alias('sm'), d.s.cast('float').alias('f'))

# case: strings of numbers
spark.sql("select cast(1.0D as string) a, cast(1e10D as string) b, cast(1e-5D as string) c, cast(0.1f as string) d, cast(1.50 as string) e, cast(true as string) f, cast(12345678.9D as string) g, cast(cast('NaN' as double) as string) h, cast(array(1, null) as string) i, cast(named_struct('a', 1, 'b', 'x') as string) j, cast(map('k', 1) as string) k, cast(-0.0D as string) l, cast(100000000.0D as string) m, concat(1, 2.5D, true) n, cast(cast('ab' as binary) as string) o, cast(1e7D as string) p, cast(123456.789f as string) q")

# case: integer overflow
spark.sql("select 2147483647 + 1 a, 9223372036854775807L + 1 b, cast(3000000000L as int) c, cast(300 as tinyint) d, cast(1e20D as bigint) e, cast(1e10D as int) f, -(-2147483648) g, cast(-9223372036854775808 as bigint) * -1 h, abs(cast(-2147483648 as int)) i, 100000 * 100000 j, cast(cast('NaN' as double) as int) k, cast(70000 as smallint) l")

# case: integer overflow by columns
d = spark.createDataFrame([(2147483647, 9223372036854775807, 127)], 'i int, l bigint, t tinyint')
d.select((d.i + 1).alias('a'), (d.l + 1).alias('b'), (d.i * 2).alias('c'), d.l.cast('int').alias('d'), d.i.cast('smallint').alias('e'), (d.t + d.t).alias('f'), (-d.l).alias('g')), d.union(d).agg(F.sum('l').alias('s'), F.sum('i').alias('si'))

# case: division and remainder
spark.sql("select 7 / 2 a, 7 / 0 b, 7 % 3 c, -7 % 3 d, 7 % 0 e, 7 div 2 f, -7 div 2 g, 7.5 / 2 h, 1.0D / 0 i, 0.0D / 0 j, pmod(-7, 3) k, 1 / 3 l, cast(1 as decimal(10,2)) / cast(3 as decimal(10,2)) m, 7.5 % 2 n, -7.5D % 2 o, 5 div 0 p")

# case: decimal arithmetic
spark.sql("select 1.1 + 2.22 a, 1.1 * 2.22 b, cast(1 as decimal(38,10)) * cast(1 as decimal(38,10)) c, 1.1 - 2 d, cast(99999.99 as decimal(7,2)) + cast(0.01 as decimal(7,2)) e, cast(123.456 as decimal(5,2)) f, cast(1234.5 as decimal(5,2)) g, 1.5 + 1 h, 1.5 + 1.5D i, 1.5 = 1.50 j, cast(2.5 as int) k, cast(-2.5 as int) l, 10 * 1.5 m")

# case: decimal division by the API
d = spark.createDataFrame([(decimal.Decimal('10.00'), decimal.Decimal('3.00'), 3)], 'a decimal(10,2), b decimal(10,2), i int')
d.select((d.a / d.b).alias('x'), (d.a / d.i).alias('y'), (d.a / 3).alias('z'), (d.a * d.b).alias('m'), (d.a % d.b).alias('r'))

# case: decimal aggregates
d = spark.createDataFrame([(decimal.Decimal('1.10'),), (decimal.Decimal('2.25'),), (None,)], 'a decimal(10,2)')
d.agg(F.sum('a').alias('s'), F.avg('a').alias('m'), F.max('a').alias('x'), F.round(F.avg('a'), 2).alias('r'))

# case: rounding
spark.sql("select round(2.5D) a, round(-2.5D) b, round(2.345, 2) c, bround(2.5D) d, round(1234.5, -2) e, floor(-1.5) f, ceil(1.2) g, floor(1.5D) h, round(2.5) i, round(15, -1) j, ceil(1.234, 2) k, truncate(1.5, 0) l")

# case: rounding by the API
spark.createDataFrame([(2.5, 3), (-1.45, 25), (0.125, 35)], 'v double, i int').select(F.round('v'), F.round('v', 1), F.round('v', 2), F.bround('v'), F.floor('v'), F.ceil('v'), F.round('i', -1))

# case: maths
spark.sql("select sqrt(-1) a, ln(0) b, log10(100) c, log(2, 8) d, pow(2, 0.5) e, exp(1) f, sin(0) g, abs(-5) h, sign(-3) i, greatest(1, null, 3) j, least(2, null) k, cbrt(27) l, hypot(3, 4) m, factorial(5) n, degrees(pi()) o, conv('ff', 16, 10) p, hex(255) q, bin(5) r, unhex('41') s, shiftleft(1, 3) t, 5 & 3 u, 5 ^ 3 v, ~5 w, log2(8) x, rint(2.5) y, e() z")

# case: NaN
spark.sql("select cast('NaN' as double) = cast('NaN' as double) a, cast('NaN' as double) > 1e300D b, isnan(cast('NaN' as double)) c, nanvl(cast('NaN' as double), 5.0D) d, isnan(null) e, cast('NaN' as double) + 1 f, greatest(1.0D, cast('NaN' as double)) g, 0.0D = -0.0D h"), spark.sql("select x, count(*) n from values (cast('NaN' as double)), (cast('NaN' as double)), (0.0D), (-0.0D) as t(x) group by x").select('n')

# case: comparison of mixed types
spark.sql("select '10' > 9 a, '1' = 1 b, '1.0' = 1 c, 'abc' = 0 d, null = null e, null <=> null f, '2024-01-31' = date'2024-01-31' g, date'2024-01-31' < timestamp'2024-01-31 01:00:00' h, true = 1 i, '10' > '9' j, 1 in ('1', '2') k, '1' + 2 l, '3' * '4' m, 'a' + 1 n, null and false o, 1 between '0' and '2' p")

# case: null functions
spark.sql("select coalesce(null, 1) a, nvl(null, 'x') b, nvl2(null, 1, 2) c, nullif(1, 1) d, ifnull(null, 5) e, isnull(null) f, if(null, 1, 2) g, concat('a', null) h, concat_ws(',', 'a', null, 'b') i, greatest(null, 1) j, array_contains(array(1, null), 2) k, length(null) l")

# case: hashes
spark.sql("select md5('abc') a, sha1('abc') b, sha2('abc', 256) c, crc32('abc') d, hash('abc') e, hash(1, 'x') f, xxhash64('abc') g, base64('abc') h, unbase64('YWJj') i, sha2('x', 0) j, hash(null) k")

# case: format and text
spark.sql("select format_number(12345.678, 2) a, format_string('%05d|%s|%.2f', 42, 'x', 1.5D) b, printf('%s', 1) c, soundex('Robert') d, levenshtein('kitten', 'sitting') e, char(65) f, space(3) g, overlay('abcdef' placing 'XX' from 2) h, left('abc', 2) i, right('abc', 2) j, position('b' in 'abc') k, substr('abc', -2) l, substring('abc', 0, 2) m, find_in_set('b', 'a,b') n, elt(2, 'a', 'b') o, encode('é', 'UTF-8') p, decode(encode('é', 'UTF-16'), 'UTF-16') q, url_encode('a b') r, parse_url('http://x.com/p?q=1', 'QUERY', 'q') s")

# case: unicode strings
spark.sql("select length('🎉é') a, upper('ß') b, lower('İ') c, substring('🎉ab', 1, 2) d, reverse('🎉é') e, length(encode('é', 'UTF-8')) f, initcap('élan vital') g, lpad('é', 3, '*') h, ascii('é') i, char_length('日本') j, octet_length('é') k")

# case: array functions of SQL
spark.sql("select array_union(array(1,2), array(2,3)) a, array_intersect(array(1,2), array(2)) b, array_except(array(1,2), array(2)) c, flatten(array(array(1), array(2))) d, arrays_zip(array(1,2), array('a','b')) e, array_repeat('x', 2) f, arrays_overlap(array(1), array(1)) g, array_sort(array(3,null,1)) h, array(1, 'a') i, array(1, 2.5D) j, shuffle(array(1)) k, array_min(array(2,1)) l, element_at(array(1), 5) m, try_element_at(map('a', 1), 'b') n, array_append(array(1), 2) o, array_insert(array(1,3), 2, 2) p, array_compact(array(1,null)) q, get(array(1), 3) r")

# case: map functions of SQL
spark.sql("select map_concat(map('a', 1), map('b', 2)) a, map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1) b, transform_values(map('a', 1), (k, v) -> v + 1) c, map_entries(map('a', 1)) d, str_to_map('a:1,b:2') e, map_contains_key(map('a', 1), 'a') f, map_from_entries(array(struct('a', 1))) g, transform_keys(map('a', 1), (k, v) -> upper(k)) h, map('a', 1)['b'] i")

# case: array index by brackets
spark.sql("select array(1, 2)[0] a, array(1, 2)[5] b, array(1,2)[-1] c")

# case: typeof literals
spark.sql("select typeof(1) a, typeof(1L) b, typeof(1.5) c, typeof(1.5D) d, typeof('x') e, typeof(null) f, typeof(array(1)) g, typeof(map(1, 'a')) h, typeof(1Y) i, typeof(1S) j, typeof(date'2024-01-01') k, typeof(interval 1 day) l, typeof(1e3) m, typeof(X'41') n, typeof(1 + 1L) o, typeof(1 / 2) p, typeof(1 + 1.5) q, typeof(sum(1)) r, typeof(avg(1.5)) s, typeof(count(*)) t, typeof(1.5F) u, typeof(99999999999) v")

# case: interval results
spark.sql("select cast(timestamp'2024-01-02 00:00:00' - timestamp'2024-01-01 00:00:00' as string) a, date'2024-01-31' - interval 1 day b, datediff('2024-01-31', '2024-01-01') c, date_add('2024-01-31', 1) d, timestampdiff(hour, timestamp'2024-01-01 00:00:00', timestamp'2024-01-02 01:00:00') e, timestampadd(day, 1, timestamp'2024-01-01 00:00:00') f, date'2024-01-31' + 1 g, add_months('2024-01-31', 1) h, months_between('2024-01-31', '2023-12-31') i")

# case: ANSI stays off
spark.sql("select cast('x' as int) a, 1 / 0 b, array(1)[3] c, cast(99999999999L as int) d, date_add(to_date('bad'), 1) e, element_at(array(1), 3) f, to_timestamp('bad', 'yyyy') g")

# case: element_at zero
spark.sql("select element_at(array(1), 0)").collect()

# case: json functions of SQL
spark.sql("""select get_json_object('{"a":{"b":[1,2]}}', '$.a.b[1]') a, get_json_object('{"a":"x"}', '$.z') b, json_array_length('[1,2]') c, json_object_keys('{"a":1}') d, from_json('{"a":1}', 'a INT').a e, to_json(named_struct('a', array(1))) f, get_json_object('{"a":[{"b":1},{"b":2}]}', '$.a[*].b') g, get_json_object('bad', '$.a') h, from_json('{"t":"2024-01-31"}', 't date').t i, from_csv('1,x', 'a int, b string') j, to_csv(named_struct('a', 1, 'b', 'x,y')) k""")

# case: conditional
spark.sql("select case 1 when 1 then 'a' end a, case when false then 1 end b, if(1 > 2, 'x', null) c, iff(true, 1, 2) d")

# case: conditional of mixed types
spark.sql("select case when true then 1 else 2.5D end a, coalesce(1, 2L) b, if(true, 1, '2') c, coalesce('a', 1) d, nvl(1, 2.5) e")

# case: aggregate functions of SQL
spark.createDataFrame([(1, 'a', True), (2, 'b', False), (2, None, None)], 'i int, s string, b boolean').createOrReplaceTempView('agg')
spark.sql("select sum(i) a, avg(i) b, min(s) c, max(s) d, count(distinct i) e, count(distinct i, s) f, bool_and(b) g, some(b) h, median(i) i, mode(i) j, first(s) k, any_value(i) l, percentile_approx(i, array(0.5, 0.9)) m, stddev(i) n, sum(distinct i) o, bit_and(i) p, approx_count_distinct(i) q, max_by(s, i) r, count_if(i > 1) s, sort_array(collect_list(i)) t, mean(i) u, product(i) v from agg")

# case: regr and covariance
spark.sql("select covar_pop(x, y) a, covar_samp(x, y) b, corr(x, y) c, regr_slope(y, x) d, regr_r2(y, x) e from values (1, 2.0D), (2, 4.5D), (3, 5.5D) as t(x, y)")

# case: null handling of aggregates and joins in SQL
spark.sql("select count(x) a, count(*) b, sum(x) c, avg(x) d, max(x) e from values (null), (null) as t(x)"), spark.sql("select * from values (1), (null) as t(x) where x not in (select y from values (2), (null) as u(y))")

# case: grouping sets
spark.sql("select a, b, sum(v) s, grouping(a) g from values ('x', 'p', 1), ('y', 'q', 2) as t(a, b, v) group by grouping sets ((a), (b), ())")

# case: inline tables, values, pivots in SQL
spark.sql("select * from (select * from values ('a', 'x', 1), ('a', 'y', 2) as t(k, p, v)) pivot (sum(v) for p in ('x', 'y'))"), spark.sql("select inline(array(struct(1, 'a'), struct(2, 'b')))"), spark.sql("values (1, 'a'), (2, 'b')")

# case: window in SQL
spark.sql("select k, v, sum(v) over (partition by k order by v rows between unbounded preceding and current row) s, lag(v, 1, 0) over (order by v) l, row_number() over w r, nth_value(v, 2) over (order by v) n from values ('a', 1), ('a', 2), ('b', 3) as t(k, v) window w as (order by v desc)")

# case: order by and limit in SQL
spark.sql("select * from values (2, 'b'), (1, 'a'), (null, 'c') as t(x, y) order by x desc nulls last, y limit 2 offset 1").collect()

# case: explode of SQL functions
spark.sql("select explode(split('a,b', ',')) e"), spark.sql("select posexplode(array('x', 'y'))"), spark.sql("select id, col from (select 1 id) lateral view outer explode(array()) as col")

# case: string escapes in SQL
spark.sql(r"select 'it\'s' a, 'tab\tx' b, r'\d' c, 'a''b' d, '\u00e9' e, 'a' 'b' f, length('\\') g")

# case: hive style names and backquotes
spark.sql("select 1 as `a b`, 2 as `c.d`").select('`a b`', '`c.d`')

# case: uuid, rand with seed types
spark.sql("select length(uuid()) a, rand(1) < 1 b, typeof(rand()) c, typeof(randn()) d, spark_partition_id() >= 0 e")

# case: version
spark.version[:3], spark.sql('select version()').count()

# case: bitwise and shifts by the API
spark.createDataFrame([(5, 3)], 'a int, b int').select(F.col('a').bitwiseAND(F.col('b')), F.col('a').bitwiseOR(F.col('b')), F.shiftleft('a', 1), F.shiftright('a', 1), F.bitwise_not('a'), F.bit_length(F.lit('a')))

# case: sum of ints and floats types
d = spark.createDataFrame([(1, 1.5, 2)], 'i int, f float, l bigint')
d.agg(F.sum('i'), F.sum('f'), F.sum('l'), F.avg('f'), F.avg('l'), F.max('f'))

# case: date from strings in comparison and between
spark.createDataFrame([('2024-01-31',), ('2024-02-01',)], 's string').withColumn('d', F.to_date('s')).where("d between '2024-01-01' and '2024-01-31'"), spark.createDataFrame([(datetime.date(2024, 1, 31),)], 'd date').where(F.col('d') >= '2024-01-15').count()

# case: doubles that show a half as decimals
spark.sql("select x, cast(x as decimal(10,2)) as c from values (0.285D), (1.005D), (-1.005D), (2.675D), (1e18D) as t(x)")

# case: doubles that show a half rounded
spark.sql("select x, round(x, 2) as r from values (0.285D), (1.005D), (-1.005D), (2.675D) as t(x)")

# case: doubles rounded
spark.sql("select x, round(x, 2) as r, bround(x, 1) as b, round(x) as w from values (0.284D), (-0.001D), (1e17D), (-2.5D), (double('NaN')) as t(x)")

# case: negated decimals
frame = spark.sql("select cast(x as decimal(10,2)) as m, x as n from values (1.25), (-99999999.99), (0) as t(x)")
frame.createOrReplaceTempView("amounts")
(spark.sql("select cast(-m as string) as s, floor(-m) as f, -n < -m as l, 2 - -m > 0 as g, cast(- amounts.m as double) as d from amounts"),
 frame.select((-frame.m).cast("string").alias("s"), F.negative("m").cast("double").alias("d")))

# case: conv of text and of negative numbers
spark.sql("select s, conv(s, 10, 16) as h, conv(s, 16, 10) as d, conv(s, 10, -16) as n from values ('12abc'), ('x'), (' 7 '), (''), (null) as t(s)")

# case: substring before the first character
spark.sql("select n, substring('abcdef', n, 3) as s from values (-8), (-6), (-7), (-100), (0), (2), (null) as t(n)")

# case: choices between types
spark.sql("""select coalesce(d, 0.0) a, case when i = 1 then d else 0.0 end b, if(i = 2, d, 0.1) c, greatest(d, 0.1, i) e, case when i = 1 then i else 'none' end f,
  coalesce(i, 'none') g, case when i = 2 then 0 else d end h, nvl2(d, 0.1, d) j, coalesce(m, 0.555) k, least(l, 0.5) n
  from values (1, 2.5D, cast(3.25 as decimal(10,2)), 5L) as t(i, d, m, l)""")

# case: choices between types by the API
df = spark.sql("select * from values (1, 2.5D, 5L, 'x') as t(i, d, l, s)")
df.select(F.when(df.i == 2, 0).otherwise(df.d).alias('a'), F.when(df.i == 1, 'one').otherwise(df.i).alias('b'), F.coalesce(df.i, F.lit('x')).alias('c'),
          F.when(df.i == 1, 1).otherwise(2.5).alias('e'), F.when(df.i == 1, 0).otherwise(df.l).alias('f'))

# case: sums of choices
spark.sql("select sum(case when i = 1 then d else 0.0 end) a, avg(if(i = 1, d, 0.0)) b from values (1, 2.5D), (2, 1e20D) as t(i, d)")

# case: inline rows of several types
spark.sql("select * from values (0.0), (pi()), (2.5D) as t(x)")

# case: json beyond its numbers
spark.sql("""select from_json('{"a":12345678901,"b":"x","c":[{"d":99999999999},{"d":1}]}', 'a int, b string, c array<struct<d:int>>') a, from_json('', 'a int') b""")

# case: floor and ceil to places
spark.sql("select cast(floor(2.567D, 2) as string) a, cast(ceil(2.561D, 2) as string) b, cast(floor(-2.1267D, 2) as string) c")

# case: addresses that are none
spark.sql("select parse_url('http://a.b/c d', 'PATH') a, parse_url('http://a.b/c?x=1', 'QUERY', null) b, parse_url('http://a.b/c?x=1&y=2', 'QUERY', 'y') c")
