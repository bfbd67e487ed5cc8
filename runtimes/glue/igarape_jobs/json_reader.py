"""Spark's JSON source: one record a line (or one document a file), its inference, its conversions and its three modes."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow
from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkException
from pyspark.sql import types

from igarape_jobs import java_time, json_as_it_lies, json_chunks
from igarape_jobs.csv_chunks import open_text
from igarape_jobs.json_chunks import without_nulls
from igarape_jobs.json_types import Corrupt, Inference, merged
from igarape_jobs.lenient_json import Leniency, Parser
from igarape_jobs.options import Options
from igarape_jobs.pieces import Piece, PieceWriter
from igarape_jobs.text_output import java_double
from igarape_jobs.text_values import arrow_type

batch_rows = 50_000


class JsonFormat:
    def __init__(self, options: Options):
        options.only("samplingRatio", "1.0", "1")
        options.only("inferTimestamp", "false")
        options.only("locale", "en-US", "en", "en_US")
        for name in ("compression", "codec"):
            options.get(name)
        self.multi_line = options.flag("multiLine")
        self.encoding = options.get("encoding", "charset", default="UTF-8")
        self.line_separator = options.get("lineSep").replace("\\n", "\n")
        if self.encoding.upper() not in ("UTF-8", "UTF8") and not (self.line_separator or self.multi_line):
            raise IllegalArgumentException(f"requirement failed: The lineSep option must be specified for the {self.encoding} encoding")
        mode = options.get("mode", default="PERMISSIVE").upper()
        self.mode = mode if mode in ("PERMISSIVE", "DROPMALFORMED", "FAILFAST") else "PERMISSIVE"
        self.corrupt_column = options.get("columnNameOfCorruptRecord", default="_corrupt_record")
        self.date_format = options.get("dateFormat")
        self.timestamp_format = options.get("timestampFormat")
        self.inference = Inference(texts_only=options.flag("primitivesAsString"), prefers_decimal=options.flag("prefersDecimal"))
        self.drops_all_null = options.flag("dropFieldIfAllNull")
        self.parser = Parser(Leniency(
            single_quotes=options.flag("allowSingleQuotes", default=True),
            comments=options.flag("allowComments"),
            unquoted_names=options.flag("allowUnquotedFieldNames"),
            leading_zeros=options.flag("allowNumericLeadingZeros"),
            any_escape=options.flag("allowBackslashEscapingAnyCharacter"),
            control_characters=options.flag("allowUnquotedControlChars"),
            non_numbers=options.flag("allowNonNumericNumbers", default=True),
        ), NumberText)

    def is_plain(self, schema: types.StructType | None) -> bool:
        """Whether files that hold nothing odd may be read without regard to the options."""
        infers = self.inference.texts_only or self.inference.prefers_decimal or self.drops_all_null
        by_lines = not self.multi_line and not self.line_separator and self.encoding.upper() in ("UTF-8", "UTF8")
        return by_lines and not (infers if schema is None else self.corrupt_column in schema.names)


class NumberText(float):
    """A fraction that remembers how it was written: a decimal column takes it so."""

    text: str

    def __new__(cls, text: str):
        number = super().__new__(cls, text)
        number.text = text
        return number


def records(path: Path, name: str, format: JsonFormat) -> Iterator[tuple[object, str]]:
    """Each record with its own text; a Corrupt one where the text is no JSON."""
    with open_text(path, name) as stream:
        if format.multi_line:
            lines = [stream.read()]
        elif format.line_separator:
            lines = stream.read().split(format.line_separator.encode(format.encoding))
        else:
            lines = stream
        for raw in lines:
            text = raw.decode(format.encoding, errors="replace").strip("\ufeff \t\r\n")
            if text:
                value = parsed(text, format.parser)
                yield from ((item, text) for item in value) if isinstance(value, list) else [(value, text)]


def parsed(text: str, parser: Parser) -> object:
    try:
        value = parser.parse(text)
    except (ValueError, RecursionError):
        return Corrupt()
    return value if isinstance(value, (dict, list)) else Corrupt()


def read(files: list[tuple[Path, str]], format: JsonFormat, schema: types.StructType | None, zone: str,
         is_strict: bool, folder: Path) -> tuple[types.StructType, list[list[Piece]]]:
    plain = (json_as_it_lies.read(files, schema) or json_chunks.read(files, schema, folder)) if format.is_plain(schema) else None
    if plain:
        return plain
    if schema is None:
        schema = infer_schema(files, format)
    converter = Converter(format, zone, is_strict)
    return schema, [read_file(path, name, format, schema, converter, folder / str(index)) for index, (path, name) in enumerate(files)]


def infer_schema(files: list[tuple[Path, str]], format: JsonFormat) -> types.StructType:
    found, corrupt = types.StructType([]), False
    for path, name in files:
        for value, text in records(path, name, format):
            if not isinstance(value, dict):
                refuse_if_failfast(format, text, name)
                corrupt = True
            else:
                found = merged(found, format.inference.of(value))
    if corrupt and format.mode == "PERMISSIVE" and format.corrupt_column not in found.names:
        found = merged(found, types.StructType([types.StructField(format.corrupt_column, types.StringType())]))
    if found.names == [format.corrupt_column] and corrupt:
        raise AnalysisException("[UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN] Queries from raw JSON files are disallowed when the referenced "
                                f"columns only include the internal corrupt record column: no record of {files[0][1]} is a JSON object on a line of its "
                                "own. If the file is one document, set the option multiLine.")
    return without_nulls(without_empty(found) if format.drops_all_null else found)


def refuse_if_failfast(format: JsonFormat, text: str, name: str) -> None:
    if format.mode == "FAILFAST":
        raise PySparkException("[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record parsing: "
                               f"{text[:200]} (in {name}). Parse Mode: FAILFAST.")


def without_empty(type: types.DataType):
    """Fields that never had a value are left out."""
    if isinstance(type, types.StructType):
        kept = [types.StructField(field.name, without_empty(field.dataType)) for field in type.fields]
        return types.StructType([field for field in kept if not is_empty(field.dataType)])
    return types.ArrayType(without_empty(type.elementType)) if isinstance(type, types.ArrayType) else type


def is_empty(type: types.DataType) -> bool:
    if isinstance(type, types.ArrayType):
        return is_empty(type.elementType)
    return isinstance(type, types.NullType) or isinstance(type, types.StructType) and not type.fields


def read_file(path: Path, name: str, format: JsonFormat, schema: types.StructType, converter: "Converter", folder: Path) -> list[Piece]:
    writer, rows = PieceWriter(folder, schema), []
    for value, text in records(path, name, format):
        row = converted(value, text, name, format, schema, converter)
        if row is not None:
            rows.append(row)
        if len(rows) == batch_rows:
            writer.write(columns_of(rows, schema))
            rows = []
    writer.write(columns_of(rows, schema))
    return writer.close()


def columns_of(rows: list[dict], schema: types.StructType) -> list[pyarrow.Array]:
    return [pyarrow.array([row.get(field.name) for row in rows], arrow_type(field.dataType)) for field in schema.fields]


def converted(value: object, text: str, name: str, format: JsonFormat, schema: types.StructType, converter: "Converter") -> dict | None:
    converter.is_bad = not isinstance(value, dict)
    fields = [field for field in schema.fields if field.name != format.corrupt_column]
    row = {} if converter.is_bad else {
        field.name: converter.value(value[field.name], field.dataType) for field in fields if value.get(field.name) is not None}
    if converter.is_bad:
        refuse_if_failfast(format, text, name)
        if format.mode == "DROPMALFORMED":
            return None
        row[format.corrupt_column] = text
    return row


class Converter:
    """JSON values to a schema's types. A value that does not fit is null and makes the record bad."""

    def __init__(self, format: JsonFormat, zone: str, is_strict: bool):
        self._parse_date = java_time.date_parser(format.date_format, is_strict)
        self._parse_timestamp = java_time.timestamp_parser(format.timestamp_format, zone, is_strict)
        self.is_bad = False

    def value(self, value, type: types.DataType):
        if value is None:
            return None
        convert = getattr(self, f"_{type.typeName()}", None)
        if convert is None:
            raise NotImplementedError(f"The embedded engine's JSON reader has no values of type {type.simpleString()}.")
        return convert(value, type)

    def _bad(self) -> None:
        self.is_bad = True

    def _string(self, value, _type) -> str:
        return value if isinstance(value, str) else as_json(value)

    def _long(self, value, _type) -> int | None:
        return self._whole(value, 63)

    def _integer(self, value, _type) -> int | None:
        return self._whole(value, 31)

    def _short(self, value, _type) -> int | None:
        return self._whole(value, 15)

    def _byte(self, value, _type) -> int | None:
        return self._whole(value, 7)

    def _whole(self, value, bits: int) -> int | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and -(2**bits) <= value < 2**bits
        return value if fits else self._bad()

    def _double(self, value, _type) -> float | None:
        special = {"NaN": "nan", "Infinity": "inf", "+Infinity": "inf", "-Infinity": "-inf", "INF": "inf", "+INF": "inf", "-INF": "-inf"}
        if isinstance(value, str) and value in special:
            return float(special[value])
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else self._bad()

    _float = _double

    def _decimal(self, value, type: types.DecimalType):
        from decimal import ROUND_HALF_UP, Context, Decimal

        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self._bad()
        exact = Decimal(value.text if isinstance(value, NumberText) else str(value))
        rounded = exact.quantize(Decimal(1).scaleb(-type.scale), context=Context(prec=80, rounding=ROUND_HALF_UP))
        return rounded if rounded == 0 or rounded.adjusted() < type.precision - type.scale else self._bad()

    def _boolean(self, value, _type) -> bool | None:
        return value if isinstance(value, bool) else self._bad()

    def _date(self, value, _type) -> datetime.date | None:
        return (self._parse_date(value) if isinstance(value, str) else None) or self._bad()

    def _timestamp(self, value, _type) -> datetime.datetime | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
        return (self._parse_timestamp(value) if isinstance(value, str) else None) or self._bad()

    def _struct(self, value, type: types.StructType) -> dict | None:
        if not isinstance(value, dict):
            return self._bad()
        return {field.name: self.value(value.get(field.name), field.dataType) for field in type.fields}

    def _array(self, value, type: types.ArrayType) -> list | None:
        return self._all_or_none([(None, item) for item in value], type.elementType) if isinstance(value, list) else self._bad()

    def _map(self, value, type: types.MapType) -> list | None:
        return self._all_or_none(list(value.items()), type.valueType, with_keys=True) if isinstance(value, dict) else self._bad()

    def _all_or_none(self, items: list, type: types.DataType, with_keys: bool = False) -> list | None:
        """One element that does not fit takes the whole array or map with it."""
        was_bad, self.is_bad = self.is_bad, False
        found = [(key, self.value(item, type)) if with_keys else self.value(item, type) for key, item in items]
        spoiled, self.is_bad = self.is_bad and not isinstance(type, types.StructType), was_bad or self.is_bad
        return None if spoiled else found


def as_json(value) -> str:
    """Jackson's compact text; a fraction is shown as Java shows a double, however it was written."""
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{as_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(as_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
