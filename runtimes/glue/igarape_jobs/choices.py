"""CASE and VALUES in SQL's tokens: their parts, and the one type that these have beside each other in Spark (mixed_types.py)."""

from igarape_jobs import mixed_types
from igarape_jobs.nodes import Text
from igarape_jobs.sql_tokens import after_blanks, closing, is_blank, separated

words = ("when", "then", "else", "end")


def ending(tokens: list[str], start: int) -> int | None:
    """The place of the END that belongs to a CASE."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at].lower() == "case") - (tokens[at].lower() == "end")
        if depth == 0:
            return at
    return None


def rewritten(tokens: list[str], expanded) -> list[str]:
    """The tokens of a whole CASE, each of its parts expanded by itself; said otherwise where its values are of several types."""
    parts = parted(tokens)
    texts = [(word, "".join(expanded(part)).strip()) for word, part in parts]
    plain = ["CASE", *(piece for word, text in texts for piece in (" ", word.upper() if word else "", " ", text)), " END"]
    subject = texts[0][1] if texts and not texts[0][0] else ""
    conditions = [Text(f"({subject}) = ({text})" if subject else text) for word, text in texts if word == "when"]
    values = [Text(text) for word, text in texts if word == "then"]
    others = [Text(text) for word, text in texts if word == "else"]
    if len(conditions) != len(values) or not values or len(others) > 1 or not mixed_types.changes([*values, *others]):
        return plain
    return [mixed_types.choice(list(zip(conditions, values)), *others).text()]


def parted(tokens: list[str]) -> list[tuple[str, list[str]]]:
    """What stands behind each word of the CASE itself, whose first part has no word."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    depth = 0
    for word in tokens[1:-1]:
        lower = word.lower()
        if depth == 0 and lower in words:
            parts.append((lower, []))
            continue
        depth += (lower in ("case", "(", "[")) - (lower in ("end", ")", "]"))
        parts[-1][1].append(word)
    return parts if any(not is_blank(word) for word in parts[0][1]) else parts[1:]


def rows_of(tokens: list[str], start: int) -> tuple[list[list[str]], int] | None:
    """The rows behind VALUES, and where they end."""
    rows, at, end = [], after_blanks(tokens, start + 1), start
    while at < len(tokens) and tokens[at] == "(":
        end = closing(tokens, at)
        rows.append([part.strip() for part in separated(tokens[at + 1:end])])
        at = after_blanks(tokens, end + 1)
        if at >= len(tokens) or tokens[at] != ",":
            break
        at = after_blanks(tokens, at + 1)
    return (rows, end) if rows and len({len(row) for row in rows}) == 1 else None


def with_one_type(rows: list[list[str]]) -> list[str] | None:
    """The rows as they are said where a column has decimals beside doubles; None where none has."""
    columns = [[Text(text) for text in column] for column in zip(*rows)]
    mixed = [is_mixed(column) for column in columns]
    if not any(mixed):
        return None
    told = [[typed(value, column) for value in column] if is_so else [value.sql for value in column] for column, is_so in zip(columns, mixed)]
    return ["VALUES ", ", ".join(f"({', '.join(row)})" for row in zip(*told))]


def is_mixed(column: list[Text]) -> bool:
    kinds = {mixed_types.is_decimal(value) for value in column if not mixed_types.is_null(value)}
    return len(kinds) == 2 and not any(mixed_types.is_text(value) for value in column)


def typed(value: Text, column: list[Text]) -> str:
    others = list(dict.fromkeys(other.sql for other in column if not mixed_types.is_decimal(other) and not mixed_types.is_null(other)))[:2]
    return mixed_types.beside(value, [Text(other) for other in others]).text() if mixed_types.is_decimal(value) else value.sql
