"""The options of Spark's CSV source, and how a line of it becomes fields."""

import re
from dataclasses import dataclass

from igarape_jobs.options import Options

modes = ("PERMISSIVE", "DROPMALFORMED", "FAILFAST")


@dataclass
class CsvFormat:
    header: bool
    separator: str
    quote: str
    escape: str
    encoding: str
    mode: str
    null_text: str
    multi_line: bool
    comment: str
    trim_left: bool
    trim_right: bool
    infer_types: bool
    enforce_schema: bool
    corrupt_column: str
    date_format: str
    timestamp_format: str
    nan_text: str
    infinity_text: str
    minus_infinity_text: str
    columns_max: int

    @classmethod
    def from_options(cls, options: Options) -> "CsvFormat":
        options.only("samplingRatio", "1.0", "1")
        options.only("preferDate", "true")
        options.only("emptyValue", "")
        options.only("unescapedQuoteHandling", "STOP_AT_DELIMITER")
        options.only("locale", "en-US", "en", "en_US")
        options.only("lineSep", "", "\n")
        options.only("maxCharsPerColumn", "-1")
        for name in ("inferTimestampNTZFormat", "compression", "codec"):
            options.get(name)
        mode = options.get("mode", default="PERMISSIVE").upper()
        return cls(
            header=options.flag("header"),
            separator=options.char("sep", "delimiter", default=","),
            quote=options.char("quote", default='"'),
            escape=options.char("escape", default="\\"),
            encoding=options.get("encoding", "charset", default="UTF-8"),
            # Spark warns of an unknown mode and takes PERMISSIVE.
            mode=mode if mode in modes else "PERMISSIVE",
            null_text=options.get("nullValue"),
            multi_line=options.flag("multiLine"),
            comment=options.char("comment", default="\0"),
            trim_left=options.flag("ignoreLeadingWhiteSpace"),
            trim_right=options.flag("ignoreTrailingWhiteSpace"),
            infer_types=options.flag("inferSchema"),
            enforce_schema=options.flag("enforceSchema", default=True),
            corrupt_column=options.get("columnNameOfCorruptRecord", default="_corrupt_record"),
            date_format=options.get("dateFormat"),
            timestamp_format=options.get("timestampFormat"),
            nan_text=options.get("nanValue", default="NaN"),
            infinity_text=options.get("positiveInf", default="Inf"),
            minus_infinity_text=options.get("negativeInf", default="-Inf"),
            columns_max=int(options.get("maxColumns", default="20480")),
        )

    @property
    def is_utf8(self) -> bool:
        return self.encoding.lower().replace("-", "").replace("_", "") in ("utf8", "ascii", "usascii")

    def splitter(self) -> "Splitter":
        return Splitter(self)


class UnclearQuotes(NotImplementedError):
    """A quoted field that goes on after its closing quote: every CSV parser has another idea of it."""


class Splitter:
    """Cuts lines into fields by Spark's rules. An empty field is None, a quoted empty one the empty string."""

    def __init__(self, format: CsvFormat):
        self._format = format
        quote, escape, separator = (re.escape(char) for char in (format.quote, format.escape, format.separator))
        body = rf"(?:[^{quote}]|{quote}{quote})*" if format.escape == format.quote else rf"(?:[^{quote}{escape}]|{escape}.)*"
        self._field = re.compile(rf"{quote}({body}){quote}(?={separator}|\Z)|([^{separator}]*)", re.DOTALL)
        self._escaped = re.compile(rf"{escape}([{quote}{escape}])", re.DOTALL)

    def fields(self, line: str) -> list[str | None]:
        format = self._format
        if format.quote not in line or format.quote == "\0":
            fields = [field or None for field in line.split(format.separator)]
        else:
            fields = self._quoted_fields(line)
        if format.trim_left or format.trim_right:
            fields = [field and (self._trim(field) or None) for field in fields]
        return fields

    def _quoted_fields(self, line: str) -> list[str | None]:
        fields, at = [], 0
        while True:
            match = self._field.match(line, at)
            quoted, plain = match[1], match[2]
            if quoted is not None:
                fields.append(self._escaped.sub(r"\1", quoted))
            elif plain.startswith(self._format.quote):
                raise UnclearQuotes(f"The embedded engine does not read this quoted CSV field as Spark may: {line[at:at + 80]!r}. "
                                    "If quotes are doubled inside fields, set the option escape to the quote; or use the `spark` engine.")
            else:
                fields.append(plain or None)
            at = match.end() + 1
            if at > len(line):
                return fields

    def _trim(self, field: str) -> str:
        field = field.lstrip(" \t") if self._format.trim_left else field
        return field.rstrip(" \t") if self._format.trim_right else field
