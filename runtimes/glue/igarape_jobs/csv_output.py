"""CSV lines as Spark's writer makes them."""

import re

import pyarrow
import pyarrow.compute as compute

from igarape_jobs import java_time, text_output
from igarape_jobs.options import Options
from igarape_jobs.output_files import TextOutput


compressions = ("none", "gzip", "bzip2", "deflate")


def compression_of(options: Options, format: str) -> str:
    compression = options.get("compression", "codec", default="none").lower().replace("uncompressed", "none")
    if compression not in compressions:
        raise NotImplementedError(f"The embedded engine does not write {format} with compression {compression}; the `spark` engine does.")
    return compression


def time_formats(options: Options) -> tuple:
    """How dates and timestamps are shown, where the options say it."""
    return tuple(pattern and java_time.shower(pattern) for pattern in (options.get("dateFormat"), options.get("timestampFormat")))


def csv_output(options: Options, zone: str) -> TextOutput:
    rules = CsvText(options, zone)
    return TextOutput("csv", compression_of(options, "CSV"), rules.lines, rules.head if options.flag("header") else None,
                      separator=options.get("lineSep", default="\n").replace("\\n", "\n"), encoding=options.get("encoding", "charset", default="UTF-8"))


class CsvText:
    def __init__(self, options: Options, zone: str):
        self._zone = zone
        self._date, self._timestamp = time_formats(options)
        self.separator = options.text("sep", "delimiter", default=",")
        self.quote = options.char("quote", default='"')
        self.escape = options.char("escape", default="\\")
        self.null_text = options.get("nullValue")
        self.empty_text = options.get("emptyValue", default='""')
        self.quote_all = options.flag("quoteAll")
        self.escapes_quotes = options.flag("escapeQuotes", default=True)
        self.trims = (options.flag("ignoreLeadingWhiteSpace", default=True), options.flag("ignoreTrailingWhiteSpace", default=True))
        # A field is quoted for what would end it; the quote itself counts unless escapeQuotes is off.
        special = re.escape(self.separator) + r"\r\n" + (re.escape(self.quote) if self.escapes_quotes else "")
        self._needs_quotes = f"[{special}]"

    def head(self, schema: pyarrow.Schema) -> str:
        return self.separator.join(self._fields(pyarrow.array(schema.names)).to_pylist())

    def lines(self, table: pyarrow.Table) -> pyarrow.Array:
        columns = [self._fields(text_output.column_text(pyarrow.concat_arrays(column.chunks), self._zone, self._date, self._timestamp))
                   for column in table.columns]
        # A line with nothing in it is not written: Spark's writer leaves out a null that is alone in its row.
        return compute.binary_join_element_wise(*columns, self.separator) if len(columns) > 1 else columns[0].filter(compute.not_equal(columns[0], ""))

    def _fields(self, texts: pyarrow.Array) -> pyarrow.Array:
        if self.trims[0]:
            texts = compute.ascii_ltrim_whitespace(texts)
        if self.trims[1]:
            texts = compute.ascii_rtrim_whitespace(texts)
        quoted = compute.match_substring_regex(texts, self._needs_quotes)
        if self.quote_all or compute.any(quoted, min_count=0).as_py():
            inner = texts
            if self.escape != self.quote:
                inner = compute.replace_substring(inner, self.escape, self.escape * 2)
            inner = compute.replace_substring(inner, self.quote, self.escape + self.quote)
            wrapped = compute.binary_join_element_wise(self.quote, inner, self.quote, "")
            texts_out = wrapped if self.quote_all else compute.if_else(quoted, wrapped, texts)
        else:
            texts_out = texts
        # An empty field's own two quotes are not quoted again.
        empty = self._quoted_all(self.empty_text) if self.empty_text != '""' else self.empty_text
        texts_out = compute.if_else(compute.equal(texts, ""), empty, texts_out)
        return compute.fill_null(texts_out, self._quoted_all(self.null_text))

    def _quoted_all(self, text: str) -> str:
        return f"{self.quote}{text}{self.quote}" if self.quote_all else text
