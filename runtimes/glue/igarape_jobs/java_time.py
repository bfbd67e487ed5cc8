"""Dates and times in text, read by Spark's rules: its default forms, and the patterns of Java's DateTimeFormatter."""

import datetime
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from pyspark.errors import PySparkException

months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

default_date = re.compile(r"([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?")
default_timestamp = re.compile(
    r"(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]+/[A-Za-z_/]+)?)?)?)?")


def parse_date(text: str) -> datetime.date | None:
    match = default_date.fullmatch(text.strip())
    return match and made(datetime.date, int(match[1]), int(match[2] or 1), int(match[3] or 1))


def parse_timestamp(text: str, zone: str) -> datetime.datetime | None:
    text = text.strip()
    if re.match(r"T?\d{1,2}:", text):
        # A time alone is one of today.
        text = f"{datetime.datetime.now(ZoneInfo(zone)).date()} {text.removeprefix('T')}"
    match = default_timestamp.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(match[index] or (1 if index in (2, 3) else 0)) for index in range(1, 7))
    micros = int((match[7] or "").ljust(6, "0")[:6] or 0)
    local = made(datetime.datetime, year, month, day, hour, minute, second, micros)
    return local and in_utc(local, match[8] or zone)


def made(kind: type, *parts: int):
    try:
        return kind(*parts)
    except ValueError:
        return None


def in_utc(local: datetime.datetime, zone: str) -> datetime.datetime | None:
    offset = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", zone)
    if zone in ("Z", "UTC", "GMT"):
        info = datetime.timezone.utc
    elif offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        info = datetime.timezone(datetime.timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    else:
        info = ZoneInfo(zone)
    return local.replace(tzinfo=info).astimezone(datetime.timezone.utc)


class SparkUpgradeException(PySparkException):
    """Spark's own, for a text that its first versions read and Java's newer formatter does not."""

    def __init__(self, text: str):
        super().__init__(
            "[INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER] You may get a different result due to the upgrading to Spark >= 3.0: "
            f"Fail to parse {text!r} in the new parser. You can set \"spark.sql.legacy.timeParserPolicy\" to \"LEGACY\" to restore the behavior before "
            "Spark 3.0 (the `spark` engine does), or set to \"CORRECTED\" and treat it as an invalid datetime string.")


loose_date = re.compile(r"\s*\d+-\d+-\d+")
loose_timestamp = re.compile(r"\s*\d+-\d+-\d+[ T]\d+:\d+:\d+")


class Pattern:
    """A DateTimeFormatter pattern as a regular expression. Letters that are not covered are refused by name."""

    letters = {
        "y": ("year", r"\d{{{n}}}", r"\d{1,9}"), "u": ("year", r"\d{{{n}}}", r"\d{1,9}"), "M": ("month", r"\d{{{n}}}", r"\d{1,2}"),
        "d": ("day", r"\d{{{n}}}", r"\d{1,2}"), "H": ("hour", r"\d{{{n}}}", r"\d{1,2}"), "h": ("hour12", r"\d{{{n}}}", r"\d{1,2}"),
        "m": ("minute", r"\d{{{n}}}", r"\d{1,2}"), "s": ("second", r"\d{{{n}}}", r"\d{1,2}"), "S": ("fraction", r"\d{{{n}}}", r"\d"),
        "a": ("half", "[AaPp][Mm]", "[AaPp][Mm]"), "X": ("zone", r"Z|[+-]\d{2}:?\d{2}|[+-]\d{2}", r"Z|[+-]\d{2}(?::?\d{2})?"),
        "x": ("zone", r"[+-]\d{2}:?\d{2}", r"[+-]\d{2}"), "Z": ("zone", r"[+-]\d{4}", r"[+-]\d{4}"),
        "V": ("zone", r"[A-Za-z_/]+|Z|[+-]\d{2}:\d{2}", r"Z"), "z": ("zone", r"[A-Z]{1,4}", r"[A-Z]{1,4}"),
    }

    def __init__(self, pattern: str):
        self._fields: list[str] = []
        source, loose = "", r"\s*"
        for part in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|\[|\]|.", pattern, re.DOTALL):
            if part[1] is not None:
                source += re.escape(part[1].replace("''", "'") or "'")
                loose += re.escape(part[1].replace("''", "'") or "'")
            elif part[2]:
                source += self._letters(pattern, part[2], len(part[0]))
                loose += r"\d+" if part[2] in "yuMdHhmsS" and part[0] != "MMM" else r"\S+"
            else:
                source += {"[": "(?:", "]": ")?"}.get(part[0], re.escape(part[0]))
                loose += {"[": "(?:", "]": ")?"}.get(part[0], re.escape(part[0]))
        self._expression = re.compile(source)
        self.plain = re.sub(r"\(\?P<\w+>", "(?:", source)
        self.loose = re.compile(loose)

    def _letters(self, pattern: str, letter: str, count: int) -> str:
        if letter not in self.letters or (letter == "M" and count > 3) or (letter in "yu" and count == 2):
            raise NotImplementedError(f"The embedded engine does not cover {letter * count} in the date pattern {pattern!r}.")
        name, fixed, single = self.letters[letter]
        if name in self._fields:
            raise NotImplementedError(f"The embedded engine does not cover {name} twice in the date pattern {pattern!r}.")
        self._fields.append(name)
        if letter == "M" and count == 3:
            return f"(?P<month>{'|'.join(month.title() for month in months)})"
        return f"(?P<{name}>{single if count == 1 else fixed.format(n=count)})"

    def parse(self, text: str, zone: str) -> datetime.datetime | None:
        match = self._expression.fullmatch(text)
        if not match:
            return None
        found = match.groupdict()
        month = found.get("month") or "1"
        month = months.index(month.lower()) + 1 if month.isalpha() else int(month)
        hour = int(found.get("hour") or 0)
        if found.get("hour12"):
            hour = int(found["hour12"]) % 12 + (12 if (found.get("half") or "").lower() == "pm" else 0)
        micros = int((found.get("fraction") or "").ljust(6, "0")[:6])
        local = made(datetime.datetime, int(found.get("year") or 1970), month, int(found.get("day") or 1), hour,
                     int(found.get("minute") or 0), int(found.get("second") or 0), micros)
        return local and in_utc(local, found.get("zone") or zone)


@lru_cache(maxsize=64)
def pattern_of(pattern: str) -> Pattern:
    return Pattern(pattern)


def date_parser(format: str, is_strict: bool):
    """Text to a date or None. What SimpleDateFormat would have read, in its lenient way, Spark 3 refuses to read in another way
    unless it is told to: then `is_strict` is off."""
    pattern = pattern_of(format) if format else None

    def parse(text: str) -> datetime.date | None:
        found = pattern.parse(text, "UTC") if pattern else parse_date(text)
        if found is None and is_strict and (pattern.loose if pattern else loose_date).match(text):
            raise SparkUpgradeException(text)
        return found.date() if found and pattern else found

    return parse


def timestamp_parser(format: str, zone: str, is_strict: bool):
    pattern = pattern_of(format) if format else None

    def parse(text: str) -> datetime.datetime | None:
        found = pattern.parse(text, zone) if pattern else parse_timestamp(text, zone)
        if found is None and is_strict and (pattern.loose if pattern else loose_timestamp).match(text):
            raise SparkUpgradeException(text)
        return found

    return parse


days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
month_names = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def shower(pattern: str):
    """Dates and times to text by a pattern of DateTimeFormatter. Letters that are not covered are refused by name."""
    parts: list = []
    for part in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", pattern, re.DOTALL):
        literal = (part[1].replace("''", "'") or "'") if part[1] is not None else part[0]
        parts.append(shown_letters(part[2], len(part[0]), pattern) if part[2] else lambda _value, literal=literal: literal)
    return lambda value: "".join(part(value) for part in parts)


def shown_letters(letter: str, count: int, pattern: str):
    digits = {"M": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}
    if letter in digits and (letter != "M" or count <= 2):
        return lambda value: f"{getattr(value, digits[letter], 0):0{count}d}"
    if letter in "yu" and count != 2:
        return lambda value: f"{value.year:0{count}d}"
    if letter in "yu":
        return lambda value: f"{value.year % 100:02d}"
    if letter == "M" and count <= 4:
        return lambda value: month_names[value.month - 1][:3 if count == 3 else None]
    if letter == "E" and count <= 4:
        return lambda value: days[value.weekday()][:3 if count <= 3 else None]
    if letter == "h":
        return lambda value: f"{(value.hour % 12) or 12:0{count}d}"
    if letter == "a":
        return lambda value: "AM" if value.hour < 12 else "PM"
    if letter == "S" and count <= 9:
        return lambda value: f"{value.microsecond:06d}".ljust(9, "0")[:count]
    if letter in "Xx" and count == 3:
        return lambda value: shown_offset(value, letter)
    raise NotImplementedError(f"The embedded engine does not cover {letter * count} in the date pattern {pattern!r}; the `spark` engine does.")


def shown_offset(value: datetime.datetime, letter: str) -> str:
    minutes = int((value.utcoffset() or datetime.timedelta()).total_seconds() // 60)
    if minutes == 0 and letter == "X":
        return "Z"
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
