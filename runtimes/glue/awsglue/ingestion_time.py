"""`add_ingestion_time_columns`: when a row came, in parts down to a granularity."""

from pyspark.sql import functions

parts = {"year": functions.year, "month": functions.month, "day": functions.dayofmonth, "hour": functions.hour, "minute": functions.minute}


def with_ingestion_time(frame, granularity: str):
    names = list(parts)
    if granularity not in ("day", "hour", "minute"):
        raise ValueError(f"timeGranularity is day, hour or minute, not {granularity!r}.")
    now = functions.current_timestamp()
    return frame.withColumns({f"ingest_{name}": parts[name](now) for name in names[:names.index(granularity) + 1]})
