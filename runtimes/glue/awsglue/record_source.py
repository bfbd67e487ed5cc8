"""Formats whose records say what they are: JSON, XML, Grok logs and Avro. Each record is read by itself; what is no record
becomes an error record.
"""

import bz2
import gzip

from awsglue import avro_format, grok_format, json_format, xml_format
from awsglue.dynamicframe import DynamicFrame
from awsglue.errors import ErrorRecords
from awsglue.gluetypes import StructType
from awsglue.records import RecordSpool
from igarape_jobs.csv_chunks import open_text
from igarape_jobs.paths import Found

formats = {"json": json_format.Json, "xml": xml_format.Xml, "grokLog": grok_format.GrokLog, "avro": avro_format.Avro}


def read_records(glue_context, format: str, found: Found, given: dict, compression: str = "", hints: StructType | None = None,
                 kept: StructType | None = None) -> DynamicFrame:
    reader = formats[format](given)
    engine = glue_context.engine
    spool, errors, rows = RecordSpool(engine, hints=hints, kept=kept), ErrorRecords(), 0
    for index, (path, file) in enumerate(zip(engine.lake.open(found.files), found.files)):
        partition = dict(zip(found.partition_columns, found.partition_texts[index])) if found.partition_columns else {}
        with opened(path, file.uri, compression) as stream:
            for record in reader.records(stream):
                if isinstance(record, dict):
                    rows += 1
                    spool.add({**record, **partition})
                else:
                    errors.add({"input": record[0], "file": file.uri}, record[1], f"Reading {format}")
    engine.counts.read(rows, sum(file.bytes for file in found.files), len(found.files))
    return DynamicFrame.typed(*spool.frame(), glue_context, errors=errors)


def opened(path, uri: str, compression: str):
    if compression == "gzip":
        return gzip.open(path, "rb")
    return bz2.open(path, "rb") if compression == "bzip2" else open_text(path, uri)
