"""SQL statements read word by word: what a statement begins with, the names in it, its texts and what it has in parentheses."""

import re

from pyspark.errors import ParseException

from igarape_jobs.sql_tokens import after_blanks, closing, separated, token

string = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b"}
assignment = re.compile(r"\s*(`[^`]+`|\w+)\s*=\s*(?:DATE\s*|TIMESTAMP\s*)?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[\w.+-]+)\s*", re.IGNORECASE)
setting = re.compile(r"\s*('[^']*'|\"[^\"]*\"|[\w.]+)\s*(?:=|\s)\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[\w.+-]+)\s*", re.DOTALL)


class Words:
    """A place in a statement. What is taken is passed; what is not there is left where it is."""

    def __init__(self, text: str):
        self._tokens = token.findall(text)
        self._at = after_blanks(self._tokens, 0)

    def take(self, *words: str) -> bool:
        """Whether these words come next."""
        at = self._at
        for word in words:
            if at >= len(self._tokens) or self._tokens[at].upper() != word:
                return False
            at = after_blanks(self._tokens, at + 1)
        self._at = at
        return True

    def take_any(self, *words: str) -> str | None:
        return next((word for word in words if self.take(word)), None)

    def name(self) -> str | None:
        """A name, with those of what it is in: `a.b`."""
        parts: list[str] = []
        while self._at < len(self._tokens) and re.fullmatch(r"`[^`]+`|\w+", self._tokens[self._at]):
            parts.append(self._tokens[self._at])
            self._at = after_blanks(self._tokens, self._at + 1)
            if self._at >= len(self._tokens) or self._tokens[self._at] != ".":
                break
            self._at += 1
        return ".".join(parts) or None

    def text(self) -> str | None:
        if self._at >= len(self._tokens) or not string.fullmatch(self._tokens[self._at]):
            return None
        self._at += 1
        found = unquoted(self._tokens[self._at - 1])
        self._at = after_blanks(self._tokens, self._at)
        return found

    def group(self) -> str | None:
        """What is in the parentheses that begin here."""
        if self._at >= len(self._tokens) or self._tokens[self._at] != "(":
            return None
        end = closing(self._tokens, self._at)
        inner = "".join(self._tokens[self._at + 1:end])
        self._at = after_blanks(self._tokens, end + 1)
        return inner

    @property
    def rest(self) -> str:
        return "".join(self._tokens[self._at:]).strip()


def unquoted(word: str) -> str:
    if not string.fullmatch(word):
        return word
    return re.sub(r"\\(.)|''", lambda match: escapes.get(match[1], match[1]) if match[1] else "'", word[1:-1], flags=re.DOTALL)


def listed(text: str) -> list[str]:
    """The parts between commas."""
    return [part.strip() for part in separated(token.findall(text)) if part.strip()]


def names_in(text: str) -> list[str]:
    return [part.strip("`") for part in listed(text)]


def properties(text: str) -> dict[str, str]:
    """`'a' = 'b', c.d = 1`."""
    return {unquoted(name): value for name, value in pairs(text, setting, lambda part: not_covered(f"the property {part}"))}


def partition_values(text: str) -> dict[str, str]:
    """`k = 'x', d = 3`: the value of each key."""
    error = ParseException(f"[PARSE_SYNTAX_ERROR] Syntax error at or near PARTITION ({text}).")
    return {key.strip("`"): value for key, value in pairs(text, assignment, lambda _part: error)}


def pairs(text: str, pattern: re.Pattern, error_of):
    """The two groups of each part, the second without its quotes. Errors: `error_of(part)`, for a part that is otherwise."""
    for part in listed(text):
        match = pattern.fullmatch(part)
        if not match:
            raise error_of(part)
        yield match[1], unquoted(match[2])


def not_covered(what: str) -> NotImplementedError:
    return NotImplementedError(f"{what[:200]} is not covered by the embedded engine; the `spark` engine does it (--igarape-engine spark).")
