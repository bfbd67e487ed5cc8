"""JSON as Jackson reads it: the first value of a text, with single quotes, and what else the reader's options allow."""

import json
import re
from dataclasses import dataclass

whitespace = re.compile(r"[ \t\r\n]*")
comment = re.compile(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
number = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?(?![\w.])")
word = re.compile(r"[A-Za-z_$][\w$]*")
escapes = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/", "'": "'"}


@dataclass(frozen=True)
class Leniency:
    single_quotes: bool = True
    comments: bool = False
    unquoted_names: bool = False
    leading_zeros: bool = False
    any_escape: bool = False
    control_characters: bool = False
    non_numbers: bool = True


class Parser:
    """Errors: ValueError where the text is no JSON. `fraction` makes a value of a number with a point or an exponent."""

    def __init__(self, leniency: Leniency, fraction):
        self._leniency = leniency
        self._fraction = fraction
        self._decoder = json.JSONDecoder(parse_float=fraction)

    def parse(self, text: str) -> object:
        """The first value; what follows it is not looked at."""
        try:
            return self._decoder.raw_decode(text)[0]
        except ValueError:
            return self._value(text, 0)[0]

    def _skip(self, text: str, at: int) -> int:
        return (comment if self._leniency.comments else whitespace).match(text, at).end()

    def _value(self, text: str, at: int) -> tuple[object, int]:
        at = self._skip(text, at)
        first = text[at:at + 1]
        if first == "{":
            return self._object(text, at + 1)
        if first == "[":
            return self._array(text, at + 1)
        if first == '"' or first == "'" and self._leniency.single_quotes:
            return self._string(text, at + 1, first)
        found = number.match(text, at)
        if found:
            return self._number(found), found.end()
        return self._word(text, at)

    def _number(self, found: re.Match) -> object:
        digits = found[0].lstrip("-")
        if re.match(r"0\d", digits) and not self._leniency.leading_zeros:
            raise ValueError("a number with a leading zero")
        return self._fraction(found[0]) if found[1] or found[2] else int(found[0])

    def _word(self, text: str, at: int) -> tuple[object, int]:
        words = {"true": True, "false": False, "null": None}
        if self._leniency.non_numbers:
            words.update({name: float(name) for name in ("NaN", "Infinity", "-Infinity", "+Infinity", "INF", "-INF")})
        for name, value in words.items():
            if text.startswith(name, at):
                return value, at + len(name)
        raise ValueError(f"no JSON at {at}")

    def _object(self, text: str, at: int) -> tuple[dict, int]:
        found: dict = {}
        at = self._skip(text, at)
        while not text.startswith("}", at):
            name, at = self._name(text, at)
            at = self._expect(text, at, ":")
            found[name], at = self._value(text, at)
            at = self._skip(text, at)
            if not text.startswith("}", at):
                at = self._skip(text, self._expect(text, at, ","))
                if text.startswith("}", at):
                    raise ValueError("a comma before the end")
        return found, at + 1

    def _name(self, text: str, at: int) -> tuple[str, int]:
        first = text[at:at + 1]
        if first == '"' or first == "'" and self._leniency.single_quotes:
            return self._string(text, at + 1, first)
        found = word.match(text, at) if self._leniency.unquoted_names else None
        if not found:
            raise ValueError(f"no name at {at}")
        return found[0], found.end()

    def _expect(self, text: str, at: int, char: str) -> int:
        at = self._skip(text, at)
        if not text.startswith(char, at):
            raise ValueError(f"no {char} at {at}")
        return at + 1

    def _array(self, text: str, at: int) -> tuple[list, int]:
        found: list = []
        at = self._skip(text, at)
        while not text.startswith("]", at):
            value, at = self._value(text, at)
            found.append(value)
            at = self._skip(text, at)
            if not text.startswith("]", at):
                at = self._skip(text, self._expect(text, at, ","))
                if text.startswith("]", at):
                    raise ValueError("a comma before the end")
        return found, at + 1

    def _string(self, text: str, at: int, quote: str) -> tuple[str, int]:
        found = ""
        while True:
            char = text[at:at + 1]
            if char == quote:
                return found, at + 1
            if not char or char < " " and not self._leniency.control_characters:
                raise ValueError("a string without an end")
            if char != "\\":
                found, at = found + char, at + 1
            elif text[at + 1:at + 2] == "u":
                found, at = found + chr(int(text[at + 2:at + 6], 16)), at + 6
            else:
                found, at = found + self._escaped(text[at + 1:at + 2]), at + 2

    def _escaped(self, char: str) -> str:
        if char not in escapes and not (char and self._leniency.any_escape):
            raise ValueError("an unknown escape")
        return escapes.get(char, char)
