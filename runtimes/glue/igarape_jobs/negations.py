"""Finds operators in SQL's tokens that have rules: the minus before an operand is written as a call of `negative`; the operand behind `%`, `^` and
`rlike` is changed."""

from igarape_jobs import java_regex
from igarape_jobs.sql_tokens import after_blanks, closing, is_blank

before_operand = set("(,=<>+-*/%|&^~!") | {
    "select", "distinct", "all", "when", "then", "else", "and", "or", "not", "by", "on", "where", "having", "case", "in", "between", "like", "values", "set", "return"}
not_operands = {"interval", "case", "select", "date", "timestamp"}
# What stands around the operand behind it, as meanings.py says of columns.
around_operand = {"%": (["abs", "("], [")"]), "^": (["negative", "(", "negative", "("], [")", ")"])}
after_call = {"over", "filter"}


def called(tokens: list[str]) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(tokens):
        start = after_blanks(tokens, at + 1)
        end = operand_end(tokens, start) if tokens[at] == "-" and is_before_operand(out) else start
        if tokens[at] == "-" and end > start:
            out += ["negative", "(", *called(tokens[start:end]), ")"]
            at = end
        elif tokens[at].lower() in ("rlike", "regexp") and start < len(tokens) and tokens[start][:1] in "'\"":
            out += [tokens[at], " ", java_regex.in_quotes(tokens[start])]
            at = start + 1
        elif tokens[at] in around_operand and (end := signed_end(tokens, start)) > start:
            before, after = around_operand[tokens[at]]
            out += [tokens[at], " ", *before, *called(tokens[start:end]), *after]
            at = end
        else:
            out.append(tokens[at])
            at += 1
    return out


def is_before_operand(out: list[str]) -> bool:
    last = next((word for word in reversed(out) if not is_blank(word)), None)
    return last is None or last.lower() in before_operand


def signed_end(tokens: list[str], start: int) -> int:
    is_negative = start < len(tokens) and tokens[start] == "-"
    first = after_blanks(tokens, start + 1) if is_negative else start
    end = operand_end(tokens, first)
    return end if end > first else start


def operand_end(tokens: list[str], start: int) -> int:
    """Behind a column, a call or what is in parentheses; numbers keep their sign."""
    if start >= len(tokens):
        return start
    word = tokens[start]
    is_name = word.startswith("`") or (word[0].isalpha() or word[0] == "_") and word.lower() not in not_operands
    if word != "(" and not is_name:
        return start
    at = closing(tokens, start) if word == "(" else start
    end = at + 1
    while (step := next_part(tokens, end)) > end:
        end = step
    return end


def next_part(tokens: list[str], end: int) -> int:
    """Behind `.name`, `(…)`, `[…]`, `OVER (…)` or `FILTER (…)`, if it stands here."""
    word = tokens[end] if end < len(tokens) else ""
    if word == ".":
        return end + 2
    if word in ("(", "["):
        return closing(tokens, end) + 1
    place = after_blanks(tokens, end)
    if place < len(tokens) and tokens[place].lower() in after_call:
        opening = after_blanks(tokens, place + 1)
        return closing(tokens, opening) + 1 if opening < len(tokens) and tokens[opening] == "(" else opening + 1
    return end
