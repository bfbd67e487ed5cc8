"""What a sales file must look like. Pure: a file on disk goes in, a report comes out; no AWS in here.

Required columns: produto_id, valor, data. Known and checked when there: venda_id, quantidade. Others pass unread.
UTF-8 (with or without a byte order mark) or Windows-1252; comma or semicolon; decimals with a point or a comma.
"""

import csv
import re
from dataclasses import dataclass, field
from datetime import date

REQUIRED = ("produto_id", "valor", "data")
PROBLEMS_SHOWN = 20
FIELD_LENGTH_MAX = 10_000

DECIMAL = re.compile(r"-?\d{1,10}([.,]\d{1,2})?")
WHOLE = re.compile(r"-?\d{1,9}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class Report:
    encoding: str = "utf-8"
    delimiter: str = ","
    rows: int = 0
    problems_total: int = 0
    problems: list = field(default_factory=list)

    @property
    def valid(self):
        return self.problems_total == 0

    def problem(self, text):
        """Counts every problem, keeps the first few: a report of a million lines helps nobody."""
        self.problems_total += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(text)


def check(path):
    report = Report(encoding=detect_encoding(path))
    with open(path, encoding=report.encoding, newline="") as lines:
        header_line = lines.readline()
        if not header_line.strip():
            report.problem("o arquivo está vazio")
            return report
        report.delimiter = detect_delimiter(header_line)
        lines.seek(0)
        csv.field_size_limit(FIELD_LENGTH_MAX)
        check_rows(csv.reader(lines, delimiter=report.delimiter, strict=True), report)
    return report


def detect_encoding(path):
    with open(path, "rb") as start:
        marked = start.read(3) == b"\xef\xbb\xbf"
    try:
        with open(path, encoding="utf-8") as text:
            while text.read(1 << 20):
                pass
        return "utf-8-sig" if marked else "utf-8"
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; Latin-1 reads them all, and agrees on every letter.
        try:
            with open(path, encoding="cp1252") as text:
                while text.read(1 << 20):
                    pass
            return "cp1252"
        except UnicodeDecodeError:
            return "latin-1"


def detect_delimiter(header_line):
    return ";" if header_line.count(";") > header_line.count(",") else ","


def check_rows(rows, report):
    try:
        header = [name.strip().lower() for name in next(rows)]
        check_header(header, report)
        if not report.valid:
            return
        for row in rows:
            if row:
                check_row(row, header, rows.line_num, report)
    except csv.Error as error:
        report.problem(f"linha {rows.line_num}: não é CSV ({error})")
    else:
        if report.rows == 0:
            report.problem("o arquivo tem cabeçalho, mas nenhuma venda")


def check_header(header, report):
    for name in REQUIRED:
        if name not in header:
            report.problem(f"falta a coluna obrigatória '{name}' (o cabeçalho tem: {', '.join(header)})")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        report.problem(f"a coluna '{name}' aparece mais de uma vez")


def check_row(row, header, line, report):
    report.rows += 1
    if len(row) != len(header):
        report.problem(f"linha {line}: {len(row)} campos, mas o cabeçalho tem {len(header)}")
        return
    for name, cell in zip(header, row):
        fault = check_cell(name, cell)
        if fault:
            report.problem(f"linha {line}: {name} {fault}")


def check_cell(name, cell):
    value = cell.strip()
    # Spark reads the file line by line, so that many machines can share it: a cell must not span lines.
    if "\n" in cell or "\r" in cell:
        return "contém uma quebra de linha"
    if "\0" in cell:
        return "contém um byte nulo"
    if name in ("produto_id", "venda_id") and not value:
        return "está vazio"
    if name == "valor" and not DECIMAL.fullmatch(value):
        return f"não é um decimal como 1234.56 ou 1234,56: {value!r}"
    if name == "quantidade" and not WHOLE.fullmatch(value):
        return f"não é um número inteiro: {value!r}"
    if name == "data" and not is_day(value):
        return f"não é uma data AAAA-MM-DD: {value!r}"
    return None


def is_day(value):
    if not DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
        return True
    except ValueError:
        return False
