"""ORC files to Parquet and back, for the SQL engine, whose library reads no ORC.

Reads one JSON line: {"conversions": [{"from", "to", "to_format", "columns", "compression"}]}. `columns` are the table's
names: ORC's columns are the table's by position, as Athena reads them unless told otherwise.
"""
import json
import sys

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as parquet


def to_parquet(source, target, columns):
    with open(source, "rb") as handle:
        reader = orc.ORCFile(handle)
        writer = None
        for stripe in range(max(reader.nstripes, 0)):
            table = pa.Table.from_batches([reader.read_stripe(stripe)])
            if columns:
                names = [columns[i] if i < len(columns) else f"_extra{i}" for i in range(table.num_columns)]
                table = table.rename_columns(names)
            if writer is None:
                writer = parquet.ParquetWriter(target, table.schema, coerce_timestamps="us", allow_truncated_timestamps=True)
            writer.write_table(table)
        if writer is None:
            parquet.write_table(reader.schema.empty_table(), target)
        else:
            writer.close()


def to_orc(source, target, compression):
    reader = parquet.ParquetFile(source)
    with orc.ORCWriter(target, compression=compression) as writer:
        for group in range(reader.num_row_groups):
            writer.write(reader.read_row_group(group))
        if reader.num_row_groups == 0:
            writer.write(reader.schema_arrow.empty_table())


def main():
    for one in json.load(sys.stdin)["conversions"]:
        try:
            if one["to_format"] == "parquet":
                to_parquet(one["from"], one["to"], one.get("columns"))
            else:
                to_orc(one["from"], one["to"], one["compression"])
        except (pa.ArrowException, OSError, ValueError) as error:
            sys.exit(f"{one['from'].rsplit('/', 1)[-1]}: {error}")


main()
