"""Generated expressions over edge values: `python expressions.py spark|sail|job ANSWERS [FAILING]` writes each one's answer as a JSON line.

An expression is SQL over the columns of one small frame, made of functions and operators by chance from a seed, so every engine is asked
the same. One that fails is asked alone; the others go in batches, as columns of one query. FAILING, a JSON list, says which are known to
fail, which only saves the time of finding out.
"""

import json
import random
import sys
from pathlib import Path

from corpus import kind_of, plain, session

rows = """
select n, cast(i as int) i, l, d, m, s, day, t, b from values
 (1, 0, cast(0 as bigint), 0.0D, cast(0 as decimal(10,2)), '', date'1970-01-01', timestamp'1970-01-01 00:00:00', true),
 (2, 2147483647, 9223372036854775807, cast('NaN' as double), cast('99999999.99' as decimal(10,2)), 'abc', date'2024-02-29', timestamp'2024-03-10 02:30:00', false),
 (3, -2147483648, cast(-9223372036854775807 as bigint), cast('Infinity' as double), cast('-99999999.99' as decimal(10,2)), 'Ação 🚀', date'2023-12-31', timestamp'2024-11-03 01:30:00', true),
 (4, -1, cast(-1 as bigint), -0.5D, cast('-0.01' as decimal(10,2)), ' 12 ', date'1900-01-01', timestamp'2024-12-31 23:59:59.999999', null),
 (5, 7, cast(4294967296 as bigint), 1e308D, cast('2.50' as decimal(10,2)), '-7.9', date'2100-02-28', timestamp'1900-01-01 12:00:00', false),
 (6, null, null, null, null, null, null, null, null),
 (7, 100, cast(1000000007 as bigint), 2.5D, cast('1.005' as decimal(10,2)), '2024-02-30', date'2024-12-31', timestamp'2024-02-29 10:11:12.5', true)
 as t(n, i, l, d, m, s, day, t, b)
"""

columns = {"int": ["i", "n"], "long": ["l"], "double": ["d"], "decimal": ["m"], "string": ["s"], "date": ["day"], "timestamp": ["t"], "boolean": ["b"]}
literals = {"int": ["0", "1", "-1", "2", "2147483647"], "long": ["9223372036854775807L", "10L"], "double": ["0.0D", "1.5D", "-2.5D", "1e10D"],
            "decimal": ["1.50", "cast('0.05' as decimal(10,2))"], "string": ["''", "'abc'", "'12'", "'x y'", "'2024-01-31'", "'ç'"],
            "date": ["date'2024-01-31'"], "timestamp": ["timestamp'2024-03-31 02:30:00'"], "boolean": ["true", "false"]}
# What makes a value of a type, from what types.
makers = {
    "int": ["{int} + {int}", "{int} - {int}", "{int} * {int}", "{int} % {int}", "-{int}", "abs({int})", "{int} & {int}", "{int} | {int}", "{int} ^ {int}", "~{int}",
            "length({string})", "year({date})", "month({timestamp})", "dayofweek({date})", "dayofyear({date})", "weekofyear({date})", "quarter({date})",
            "hour({timestamp})", "minute({timestamp})", "second({timestamp})", "datediff({date}, {date})", "instr({string}, {string})", "cast({long} as int)",
            "cast({double} as int)", "cast({string} as int)", "cast({boolean} as int)", "coalesce({int}, {int})", "if({boolean}, {int}, {int})", "greatest({int}, {int})",
            "least({int}, {int})", "pmod({int}, {int})", "sign({double})", "ascii({string})", "nullif({int}, {int})", "shiftleft({int}, 3)", "shiftright({int}, 3)",
            "cast({decimal} as int)", "cast({int} as smallint)", "cast({int} as tinyint)", "levenshtein({string}, {string})", "crc32({string})", "hash({int}, {string})",
            "floor({double})", "ceil({double})", "bit_count({int})", "locate({string}, {string})", "find_in_set({string}, 'abc,12')", "size(split({string}, ' '))"],
    "long": ["{long} + {long}", "{long} - {int}", "{long} * {int}", "{long} % {long}", "abs({long})", "cast({double} as bigint)", "cast({string} as bigint)",
             "cast({timestamp} as bigint)", "unix_timestamp({timestamp})", "{long} div {long}", "coalesce({long}, {int})", "xxhash64({string})", "-{long}",
             "cast({decimal} as bigint)", "greatest({long}, {int})", "unix_millis({timestamp})", "unix_date({date})"],
    "double": ["{double} + {double}", "{double} - {double}", "{double} * {double}", "{double} / {double}", "{int} / {int}", "{double} % {double}", "sqrt({double})", "abs({double})",
               "round({double}, 1)", "bround({double}, 1)", "cast({string} as double)", "cast({int} as double)", "cast({decimal} as double)", "cast({timestamp} as double)", "exp({double})",
               "ln({double})", "log10({double})", "pow({double}, 2)", "nanvl({double}, {double})", "coalesce({double}, {int})", "greatest({double}, {double})",
               "least({double}, {double})", "atan2({double}, {double})", "signum({double})", "-{double}", "months_between({date}, {date})", "cbrt({double})", "rint({double})", "cast({long} as double)"],
    "decimal": ["{decimal} + {decimal}", "{decimal} - {decimal}", "{decimal} * {decimal}", "cast({string} as decimal(10,2))", "cast({int} as decimal(10,2))", "round({decimal}, 1)",
                "abs({decimal})", "cast({double} as decimal(20,3))", "-{decimal}", "cast({long} as decimal(20,0))", "coalesce({decimal}, {decimal})", "floor({decimal})", "ceil({decimal})"],
    "string": ["concat({string}, {string})", "upper({string})", "lower({string})", "trim({string})", "substring({string}, {int}, 2)", "left({string}, 2)", "right({string}, 2)",
               "reverse({string})", "repeat({string}, 2)", "lpad({string}, 5, '*')", "rpad({string}, 5, 'ab')", "replace({string}, 'a', 'b')", "cast({int} as string)", "cast({double} as string)",
               "cast({decimal} as string)", "cast({timestamp} as string)", "cast({date} as string)", "cast({boolean} as string)", "concat_ws('-', {string}, {string})",
               "initcap({string})", "translate({string}, 'abc', '12')", "substring_index({string}, ' ', 1)", "regexp_replace({string}, '[0-9]+', '#')", "regexp_extract({string}, '([a-z]+)', 1)",
               "md5({string})", "sha2({string}, 256)", "hex({int})", "hex({string})", "base64(cast({string} as binary))", "date_format({timestamp}, 'yyyy-MM-dd HH:mm:ss')", "coalesce({string}, {string})",
               "if({boolean}, {string}, {string})", "format_number({double}, 2)", "conv({string}, 10, 16)", "bin({int})", "soundex({string})", "from_unixtime({long})", "nullif({string}, '')",
               "case when {boolean} then {string} end", "split({string}, ' ')[0]", "ltrim({string})", "rtrim({string})", "space(2)", "chr({int})", "overlay({string} placing 'x' from 2)", "elt(1, {string}, 'x')"],
    "date": ["date_add({date}, {int} % 1000)", "date_sub({date}, 1)", "add_months({date}, {int} % 100)", "last_day({date})", "trunc({date}, 'MM')", "trunc({date}, 'year')", "cast({timestamp} as date)",
             "cast({string} as date)", "to_date({string})", "next_day({date}, 'Mon')", "coalesce({date}, {date})", "greatest({date}, {date})", "{date} + interval 1 month", "to_date({string}, 'yyyy-MM-dd')"],
    "timestamp": ["date_trunc('hour', {timestamp})", "date_trunc('month', {timestamp})", "cast({date} as timestamp)", "cast({string} as timestamp)", "to_timestamp({string})", "{timestamp} + interval 1 day",
                  "{timestamp} - interval 90 minutes", "from_utc_timestamp({timestamp}, 'America/New_York')", "to_utc_timestamp({timestamp}, 'America/Sao_Paulo')", "coalesce({timestamp}, {timestamp})",
                  "timestamp_seconds({int})", "date_trunc('week', {timestamp})"],
    "boolean": ["{int} > {int}", "{int} = {long}", "{double} = {double}", "{double} < {double}", "{string} = {string}", "{string} < {string}", "{decimal} >= {int}", "{date} < {timestamp}", "{boolean} and {boolean}",
                "{boolean} or {boolean}", "not {boolean}", "{string} like '%a%'", "{string} rlike '^[a-z]+$'", "isnull({string})", "isnan({double})", "{int} in (1, 7, null)", "{int} between {int} and {int}",
                "{string} <=> {string}", "cast({string} as boolean)", "cast({int} as boolean)", "startswith({string}, 'a')", "contains({string}, 'b')", "{double} > {decimal}", "{int} = {string}", "{date} = {string}", "cast({double} as boolean)"],
}


def expression(chance: random.Random, type: str, depth: int) -> str:
    if depth == 0 or chance.random() < 0.15:
        return chance.choice(columns[type]) if chance.random() < 0.75 else chance.choice(literals[type])
    template, out = chance.choice(makers[type]), ""
    while "{" in template:
        before, _, rest = template.partition("{")
        name, _, template = rest.partition("}")
        out += before + f"({expression(chance, name, depth - 1)})"
    return out + template


def generated(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[expression(chance, chance.choice(list(makers)), chance.choice((1, 1, 1, 2, 2, 3)))] = None
    return list(found)


seed, count, batch_size = 7, 2000, 50


def asked(spark, expressions: list[str]) -> list[dict]:
    """All of a batch at once; where it fails, each half again."""
    selected = ", ".join(f"{expression} as c{index}" for index, expression in enumerate(expressions))
    try:
        found = spark.sql(f"select n, {selected} from edge")
        fields, table = found.schema.fields[1:], sorted(found.collect(), key=lambda row: row[0])
        return [{"type": field.dataType.simpleString(), "values": [text_of(row[index + 1]) for row in table]} for index, field in enumerate(fields)]
    except Exception as error:
        if len(expressions) > 1:
            half = len(expressions) // 2
            return asked(spark, expressions[:half]) + asked(spark, expressions[half:])
        if isinstance(error, NotImplementedError):
            return [{"refused": str(error)}]
        return [{"error": kind_of(error), "text": " ".join(str(error).split())[:300]}]


def text_of(value) -> str | None:
    return None if value is None else str(plain(value))


def main(engine: str, answers: str, failing: str = "") -> None:
    spark = session(engine)
    spark.sql(rows).createOrReplaceTempView("edge")
    expressions = generated(seed, count)
    alone = set(json.loads(Path(failing).read_text(encoding="utf-8"))) if failing else set()
    others = [expression for expression in expressions if expression not in alone]
    batches = [others[start:start + batch_size] for start in range(0, len(others), batch_size)] + [[expression] for expression in alone]
    found = {expression: answer for batch in batches for expression, answer in zip(batch, asked(spark, batch))}
    with open(answers, "w", encoding="utf-8") as out:
        for expression in expressions:
            print(json.dumps({"name": expression, **found[expression]}, ensure_ascii=False), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
