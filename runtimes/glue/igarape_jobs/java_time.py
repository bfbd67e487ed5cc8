"""Dates and times in text, read by Spark's rules: its default forms, and the patterns of Java's DateTimeFormatter."""

import datetime
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

default_date = re.compile(r"([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?")
default_timestamp = re.compile(
    r"(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]+/[A-Za-z_/]+)?)?)?)?")


def parse_date(text: str) -> datetime.date | None:
    match = default_date.fullmatch(text.strip())
    return match and made(datetime.date, int(match[1]), int(match[2] or 1), int(match[3] or 1))


def parse_timestamp(text: str, zone: str) -> datetime.datetime | None:
    match = default_timestamp.fullmatch(text.strip())
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
        source = ""
        for part in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|\[|\]|.", pattern, re.DOTALL):
            if part[1] is not None:
                source += re.escape(part[1].replace("''", "'") or "'")
            elif part[2]:
                source += self._letters(pattern, part[2], len(part[0]))
            else:
                source += {"[": "(?:", "]": ")?"}.get(part[0], re.escape(part[0]))
        self._expression = re.compile(source)

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
