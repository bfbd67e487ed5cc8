"""The options of Spark's CSV source, and how a line of it becomes fields."""

import re
from dataclasses import dataclass

from igarape_jobs.options import Options
from igarape_jobs.text_values import TextRules

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
    empty_text: str
    line_separator: str

    @classmethod
    def from_options(cls, options: Options) -> "CsvFormat":
        options.only("samplingRatio", "1.0", "1")
        options.only("preferDate", "true")
        options.only("unescapedQuoteHandling", "STOP_AT_DELIMITER")
        options.only("locale", "en-US", "en", "en_US")
        options.only("maxCharsPerColumn", "-1")
        for name in ("inferTimestampNTZFormat", "compression", "codec"):
            options.get(name)
        mode = options.get("mode", default="PERMISSIVE").upper()
        return cls(
            header=options.flag("header"),
            separator=options.text("sep", "delimiter", default=","),
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
            empty_text=options.get("emptyValue"),
            line_separator=options.get("lineSep").replace("\\n", "\n"),
        )

    @property
    def is_utf8(self) -> bool:
        return self.encoding.lower().replace("-", "").replace("_", "") in ("utf8", "ascii", "usascii")

    def text_rules(self, zone: str, is_strict: bool) -> TextRules:
        return TextRules(zone, self.date_format, self.timestamp_format, self.nan_text, self.infinity_text, self.minus_infinity_text, is_strict)

    def splitter(self) -> "Splitter":
        return Splitter(self)


class Splitter:
    """Cuts text into fields as Spark's parser does (univocity, STOP_AT_DELIMITER). An unquoted empty field is None."""

    def __init__(self, format: CsvFormat):
        self._format = format
        quote, escape, separator = (re.escape(char) for char in (format.quote, format.escape, format.separator))
        stops = rf"{separator}|\r\n|\n|\r" if format.multi_line else separator
        body = rf"(?:[^{quote}]|{quote}{quote})*" if format.escape == format.quote else rf"(?:[^{quote}{escape}]|{escape}.)*"
        self._stop = re.compile(rf"{stops}|\Z")
        self._whole = re.compile(rf"({body}){quote}(?={stops}|\Z)", re.DOTALL)
        self._escaped = re.compile(rf"{escape}([{quote}{escape}])", re.DOTALL)
        self._plain = re.compile(rf"[^{quote}{escape}]*", re.DOTALL)

    def fields(self, line: str) -> list[str | None]:
        format = self._format
        if (format.quote not in line or format.quote == "\0") and not format.multi_line:
            fields = [field or None for field in line.split(format.separator)]
            if format.trim_left or format.trim_right:
                fields = [field and (self._trim(field) or None) for field in fields]
            return fields
        return self.record(line, 0)[0]

    def record(self, text: str, at: int) -> tuple[list[str | None], int]:
        """One record's fields, and where it ends: at a newline or at the end of the text."""
        fields, separator = [], self._format.separator
        while True:
            field, at = self._field(text, at)
            fields.append(field)
            if not text.startswith(separator, at):
                return fields, at
            at += len(separator)

    def _field(self, text: str, at: int) -> tuple[str | None, int]:
        format = self._format
        start = self._after_blanks(text, at) if format.trim_left else at
        if format.quote != "\0" and text.startswith(format.quote, start):
            value, end = self._quoted(text, start + 1)
            return value or format.empty_text, end
        end = self._stop.search(text, start).start()
        return self._trim(text[start:end]) or None, end

    def _quoted(self, text: str, at: int) -> tuple[str, int]:
        whole = self._whole.match(text, at)
        return (self._escaped.sub(r"\1", whole[1]), whole.end()) if whole else self._loosely_quoted(text, at)

    def _loosely_quoted(self, text: str, at: int) -> tuple[str, int]:
        """A quote that neither closes the field nor is escaped makes the rest of it, up to the separator, plain text; one that is
        never closed takes all that follows."""
        quote, escape = self._format.quote, self._format.escape
        found, previous = "", "\0"
        while at < len(text):
            char = text[at]
            if previous == quote and (char <= " " or self._is_stop(text, at)):
                return self._closed(text, at, found)
            if char not in (quote, escape):
                if previous == quote:
                    return self._unescaped(text, at, found)
                found += escape if previous == escape else ""
                end = self._plain.match(text, at).end()
                found += text[at:end]
                previous, at = text[end:end + 1], end + 1
                continue
            if char == escape == previous != quote or previous == escape and char == quote:
                found, char = found + char, "\0"
            elif previous == escape:
                found += previous
            elif char == quote == previous:
                found += quote
            elif previous == quote:
                return self._unescaped(text, at, found)
            previous, at = char, at + 1
        return found, len(text)

    def _closed(self, text: str, at: int, found: str) -> tuple[str, int]:
        """Blanks after the closing quote are dropped, unless more follows them."""
        end = self._after_blanks(text, at)
        return (found, end) if self._is_stop(text, end) else self._unescaped(text, at, found)

    def _unescaped(self, text: str, at: int, found: str) -> tuple[str, int]:
        quote, end = self._format.quote, self._stop.search(text, at).start()
        return f"{quote}{found}{quote}{self._trim(text[at:end], left=False)}", end

    def _after_blanks(self, text: str, at: int) -> int:
        while at < len(text) and text[at] <= " " and not self._is_stop(text, at):
            at += 1
        return at

    def _is_stop(self, text: str, at: int) -> bool:
        return self._stop.match(text, at) is not None

    def _trim(self, field: str, left: bool = True) -> str:
        field = field.lstrip(" \t") if self._format.trim_left and left else field
        return field.rstrip(" \t") if self._format.trim_right else field
