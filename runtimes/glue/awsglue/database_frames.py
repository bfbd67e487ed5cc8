"""DynamicFrames out of and into PostgreSQL and MySQL, with bookmarks by the keys of what was read."""

import datetime
import decimal

from awsglue.connections import DatabaseOptions
from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import refuse
from igarape_jobs.jdbc import databases, reading, writing


def read_database(glue_context, connection_options: dict, transformation_ctx: str, what: str) -> DynamicFrame:
    options = DatabaseOptions(glue_context, connection_options, what)
    address = options.address()
    table, sample = options.take("dbtable"), options.take("samplequery")
    keys = options.take("jobbookmarkkeys")
    order = str(options.take("jobbookmarkkeyssortorder") or "asc").lower()
    if options.take("enablepartitioningforsamplequery"):
        refuse(f"{what} with enablePartitioningForSampleQuery")
    options.refuse_unknown()
    if order not in ("asc", "desc"):
        raise ValueError(f"jobBookmarkKeysSortOrder is asc or desc, not {order}.")
    if not table and not sample:
        raise ValueError(f"{what} over a database needs the option dbtable.")
    source = f"({sample}) AS glue_sample" if sample else table
    names = [name.strip() for name in keys.split(",")] if isinstance(keys, str) else list(keys or [])
    place = f"{address.dialect}://{address.host}:{address.port}/{address.database}/{source}"
    with glue_context.bookmarks.keys(transformation_ctx, place) as marks:
        names = names if not marks.watches or names else primary_key(address, source)
        query, watch = reading.query_of(source), None
        if marks.watches and names:
            mark = KeyMark(names, order)
            query = f"{query} WHERE {mark.condition(address, marks.after, marks.until)}"
            watch = mark.watch
        frame = reading.read(glue_context.engine, address, query, watch=watch)
        if watch and mark.last:
            marks.reached(mark.as_json())
    return DynamicFrame(frame, glue_context)


def write_database(glue_context, frame: DynamicFrame, connection_options: dict, what: str) -> None:
    options = DatabaseOptions(glue_context, connection_options, what)
    address, table = options.address(), options.take("dbtable")
    options.take("overwrite")
    options.refuse_unknown()
    if not table:
        raise ValueError(f"{what} over a database needs the option dbtable.")
    if frame.schema().fields:
        writing.write(glue_context.engine, frame.toDF(), address, table)


def primary_key(address, table: str) -> list[str]:
    """What a bookmark goes by unless it is told; without one there is nothing to go by, and all is read."""
    with databases.connected(address) as database:
        return database.primary_key(table)


class KeyMark:
    """The keys of the last row in their order. Only what lies beyond an earlier mark is new."""

    def __init__(self, names: list[str], order: str):
        self._names, self._order = names, order
        self.last: tuple | None = None

    def condition(self, address, after: dict | None, until: dict | None) -> str:
        with databases.connected(address) as database:
            keys = ", ".join(map(database.quoted, self._names))
            beyond, within = (">", "<=") if self._order == "asc" else ("<", ">=")
            marks = [(sign, mark) for sign, mark in ((beyond, after), (within, until)) if mark and mark["names"] == self._names]
            parts = [f"({keys}) {sign} ({', '.join(literal(database, value) for value in mark['values'])})" for sign, mark in marks]
        return " AND ".join(parts) or "1 = 1"

    def watch(self, names: list[str], rows: list) -> None:
        by_name = {name.lower(): index for index, name in enumerate(names)}
        missing = [name for name in self._names if name.lower() not in by_name]
        if missing:
            raise ValueError(f"The bookmark key {missing[0]} is no column of what is read.")
        places = [by_name[name.lower()] for name in self._names]
        keys = [key for row in rows if None not in (key := tuple(row[place] for place in places))]
        if keys:
            choose = max if self._order == "asc" else min
            best = choose(keys)
            self.last = best if self.last is None else choose(self.last, best)

    def as_json(self) -> dict:
        return {"names": self._names, "values": [kept(value) for value in self.last or ()]}


def kept(value) -> dict:
    if isinstance(value, bool) or not isinstance(value, (int, decimal.Decimal, str, datetime.date, datetime.datetime)):
        raise ValueError(f"A bookmark key is a number, a text or a time, not {type(value).__name__}.")
    is_number = isinstance(value, (int, decimal.Decimal))
    return {"kind": "number" if is_number else "text", "text": str(value)}


def literal(database, value: dict) -> str:
    return value["text"] if value["kind"] == "number" else database.text_literal(value["text"])
