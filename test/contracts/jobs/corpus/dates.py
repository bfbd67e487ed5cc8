# case: dates
df = spark.createDataFrame([('2024-02-29 13:45:59.123456',), ('2023-12-31 00:00:00',), (None,)], 's string').select('s', F.to_timestamp('s').alias('t'), F.to_date('s').alias('d'))
df.select(F.date_format('t', 'yyyy/MM/dd HH:mm:ss.SSS').alias('a'), F.date_format('t', 'EEE, d MMM yyyy').alias('b'), F.date_format('d', 'yyyyMMdd').alias('c'), F.date_format('t', "yyyy-MM-dd'T'HH:mm:ss'Z'").alias('e'), F.date_format('t', 'hh:mm a').alias('f'), F.date_format('t', 'D').alias('g'), F.date_format('t', 'QQQ yy').alias('h'), F.date_format('t', 'MMMM').alias('i'), F.date_format('t', 'EEEE').alias('j'), F.date_format('t', 'S').alias('k'), F.date_format('t', 'SSSSSS').alias('l'), F.date_format('t', 'XXX').alias('m'), F.date_format('t', 'z').alias('n'), F.date_format('t', 'k').alias('o'))

# case: date parsing
df = spark.createDataFrame([('29/02/2024', '20240229', '2024-2-9', '2024-02-29T10:11:12Z', 'Feb 29 2024'), ('31/04/2024', '2024', 'x', '', None)], 'a string, b string, c string, d string, e string')
df.select(F.to_date('b', 'yyyyMMdd').alias('b'), F.to_date('c').alias('c'), F.to_timestamp('d').alias('d'), F.to_date('e', 'MMM d yyyy').alias('e'), F.to_date('d').alias('f'), F.col('c').cast('date').alias('g'), F.col('d').cast('timestamp').alias('h'))

# case: date parsing 2
spark.createDataFrame([('29/02/2024',), ('31/04/2024',), (None,)], 'a string').select(F.to_date('a', 'dd/MM/yyyy').alias('a'), F.to_timestamp('a', 'd/M/yyyy').alias('b'), F.unix_timestamp('a', 'dd/MM/yyyy').alias('c'))

# case: intervals
spark.sql("select date'2024-01-31' + interval 1 month a, timestamp'2024-01-31 10:00:00' - interval '1 02:03:04' day to second b, date_add(date'2024-02-28', 2) c, date'2024-03-01' - interval 1 year 2 months d, date_sub('2024-03-01', 1) e, add_months('2024-01-31', 1) f, date'2024-03-01' - 1 g, datediff('2024-03-01', '2024-02-28') h, timestampadd(HOUR, 3, timestamp'2024-01-01 00:00:00') i, timestampdiff(DAY, timestamp'2024-01-01 00:00:00', timestamp'2024-03-01 00:00:00') j, date_diff('2024-03-01', '2024-01-01') k, dateadd(DAY, 5, date'2024-01-01') l")

# case: sequences
spark.sql("select sequence(1, 5) a, sequence(5, 1, -2) b, sequence(date'2024-01-30', date'2024-02-02') c, sequence(date'2024-01-31', date'2024-04-30', interval 1 month) d, sequence(timestamp'2024-01-01 00:00:00', timestamp'2024-01-01 02:00:00', interval 1 hour) e")

# case: windows of time
spark.createDataFrame([('2024-01-01 00:03:00', 1), ('2024-01-01 00:07:00', 2), ('2024-01-01 00:13:00', 3)], 's string, v int').groupBy(F.window(F.to_timestamp('s'), '10 minutes')).agg(F.sum('v').alias('v')).select(F.col('window.start').cast('string').alias('s'), F.col('window.end').cast('string').alias('e'), 'v')

# case: sliding windows of time
spark.createDataFrame([('2024-01-01 00:03:00', 1), ('2024-01-01 00:07:00', 2), ('2024-01-01 00:13:00', 3)], 's string, v int').groupBy(F.window(F.to_timestamp('s'), '10 minutes', '5 minutes', '1 minute')).agg(F.sum('v').alias('v')).select(F.col('window.start').cast('string').alias('s'), F.col('window.end').cast('string').alias('e'), 'v')

# case: to_timestamp
spark.sql("select to_timestamp(1709214359) c, to_timestamp('2024-02-29 13:45:59') d, to_timestamp('x') e, to_timestamp(date'2024-01-01') f, to_timestamp('2024-02-29') g, to_timestamp(1.5D) h, to_timestamp('2024-02-29T13:45:59Z') i, to_timestamp('') j, to_timestamp(' 2024-02-29 ') k, to_timestamp('2024-2-9 1:2:3') l, to_timestamp('2024-02-29 13:45:59.123456789') m, to_timestamp('2024-02-29 13:45:59+02:00') n, to_timestamp('2024-02-30') o")

# case: zone of the session
spark.conf.set('spark.sql.session.timeZone', 'America/New_York')
r = spark.sql("select cast(timestamp'2024-03-10 12:00:00' as string) a, hour(timestamp'2024-07-01 12:00:00Z') b, to_timestamp('2024-03-10 02:30:00') c, cast('2024-07-01' as timestamp) e, unix_timestamp('2024-07-01 00:00:00') f, from_unixtime(0) g, date_trunc('day', timestamp'2024-07-01 02:00:00Z') h, cast(timestamp'2024-07-01 02:00:00Z' as date) i, current_timezone() j").selectExpr('a','b','cast(c as string) c','cast(e as string) e','f','g','cast(h as string) h','i','j')
x = [tuple(v) for v in r.collect()]
spark.conf.set('spark.sql.session.timeZone', 'UTC')
x

# case: zones2
spark.sql("select from_utc_timestamp(timestamp'2024-03-31 00:30:00', 'Europe/Berlin') a, to_utc_timestamp(timestamp'2024-03-31 02:30:00', 'Europe/Berlin') b, from_utc_timestamp('2024-07-01 12:00:00', 'America/Sao_Paulo') c, from_utc_timestamp('2024-07-01 12:00:00', '+05:30') g")

# case: date parts
df = spark.createDataFrame([('2024-02-29 13:45:59.123456',), ('2023-12-31 00:00:00',), ('2021-01-03 23:59:59',), (None,)], 's string').select(F.to_timestamp('s').alias('t'))
df.select(F.year('t').alias('a'), F.quarter('t').alias('b'), F.month('t').alias('c'), F.weekofyear('t').alias('d'), F.dayofweek('t').alias('e'), F.weekday('t').alias('f'), F.dayofyear('t').alias('g'), F.hour('t').alias('h'), F.second('t').alias('i'), F.last_day('t').alias('j'), F.next_day('t', 'TU').alias('k'), F.trunc('t', 'QUARTER').alias('l'), F.date_trunc('week', 't').alias('m'), F.date_trunc('quarter', 't').alias('n'), F.date_trunc('minute', 't').alias('o'), F.add_months('t', 1).alias('p'), F.months_between('t', F.lit('2024-01-31')).alias('q'), F.unix_timestamp('t').alias('r'), F.extract(F.lit('DOW'), 't').alias('s'), F.date_part(F.lit('SECONDS'), 't').alias('u'), F.date_part(F.lit('WEEK'), 't').alias('v'))

# case: days of the week
spark.sql("select weekday(d) a, extract(DOW FROM d) b, extract(YEAR FROM d) c, date_part('dayofweek_iso', d) e, extract(dayofweek from d) f, date_part('month', d) g, extract(SECOND FROM timestamp'2024-01-01 00:00:01.5') h from values (date'2024-03-03'), (date'2024-03-04'), (date'2024-03-09'), (null) t(d)")

# case: epoch
spark.sql("select from_unixtime(1709214359) a, from_unixtime(1709214359, 'yyyy-MM-dd') b, to_timestamp(1709214359) c, timestamp_millis(1709214359123) d, timestamp_micros(1709214359123456) e, unix_timestamp('2024-02-29 13:45:59') f, unix_timestamp('2024-02-29', 'yyyy-MM-dd') g, cast(1709214359 as timestamp) h, cast(1709214359.5D as timestamp) i, date_from_unix_date(19782) j, unix_micros(timestamp'2024-02-29 13:45:59') k, to_unix_timestamp('2024-02-29 13:45:59') l, make_date(2024, 2, 29) m, make_timestamp(2024, 2, 29, 13, 45, 59.5) n")

# case: zones
spark.sql("select from_utc_timestamp(timestamp'2024-03-31 00:30:00', 'Europe/Berlin') a, to_utc_timestamp(timestamp'2024-03-31 02:30:00', 'Europe/Berlin') b, from_utc_timestamp('2024-07-01 12:00:00', 'America/Sao_Paulo') c, to_utc_timestamp('2024-07-01 12:00:00', 'GMT+3') d, from_utc_timestamp('2024-07-01 12:00:00', 'PST') e, convert_timezone('UTC', 'Asia/Tokyo', timestamp_ntz'2024-01-01 00:00:00') f, from_utc_timestamp('2024-07-01 12:00:00', '+05:30') g")

# case: zone names
spark.conf.set('spark.sql.session.timeZone', 'America/New_York')
try:
    found = spark.sql("select date_format(timestamp'2024-07-01 12:00:00Z', 'yyyy-MM-dd HH:mm z') d").collect()
finally:
    spark.conf.set('spark.sql.session.timeZone', 'UTC')
found
