"""A ruleset's text as tokens, each with its place."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | "(?P<string>(?:[^"\\]|\\.)*)"
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<symbol><=|>=|!=|->|[=<>\[\](),+\-*/{}:])""",
    re.VERBOSE,
)


class RulesetError(ValueError):
    """What is wrong with a ruleset, and where."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


def tokens_of(text):
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise RulesetError(f"{place(text, at)}: '{text[at]}' is not expected here")
        kind = match.lastgroup
        if kind != "space":
            value = match[kind]
            found.append(Token(kind, unescaped(value) if kind == "string" else value, at, match.end()))
        at = match.end()
    found.append(Token("end", "", at, at))
    return found


def unescaped(text):
    """Only a quote and a backslash are escaped; what a regular expression escapes stays as it is."""
    return re.sub(r'\\(["\\])', r"\1", text) if '\\"' in text else text


def place(text, at):
    line = text.count("\n", 0, at) + 1
    return f"line {line}:{at - text.rfind(chr(10), 0, at)}"
