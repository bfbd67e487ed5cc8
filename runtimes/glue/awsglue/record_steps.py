"""Steps that keep records as they lie and only choose among them."""

import pyarrow
import pyarrow.parquet

from awsglue.records import DynamicRecord, decoder, same
from awsglue.shapes import spark_type
from igarape_jobs.paths import Found
from igarape_jobs.pieces import Piece, arrow_schema


def filtered(engine, frame, type, keep, errors):
    decode = decoder(type) or same
    schema = spark_type(type)
    folder, pieces = engine.new_folder("filter"), []
    for table in engine.batches(frame, arrow_schema(schema)):
        wanted = table.filter(pyarrow.array([is_kept(keep, DynamicRecord(decode(record)), errors) for record in table.to_pylist()], pyarrow.bool_()))
        path = folder / f"{len(pieces):06d}.parquet"
        pyarrow.parquet.write_table(wanted, path, compression="none", use_dictionary=False, write_statistics=False)
        pieces.append([Piece(path, wanted.num_rows)])
    return engine.reader._scan(schema, pieces, Found([]), {}, [])


def is_kept(keep, record, errors) -> bool:
    try:
        return bool(keep(record))
    except Exception as error:
        errors.add(record, error, "Filter")
        return False
