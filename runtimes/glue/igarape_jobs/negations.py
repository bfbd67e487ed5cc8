"""Finds the minus before an operand in SQL's tokens, and writes it as a call of `negative`, for which there is a rule."""

from igarape_jobs.sql_tokens import after_blanks, closing, is_blank

before_operand = set("(,=<>+-*/%|&^~!") | {
    "select", "distinct", "all", "when", "then", "else", "and", "or", "not", "by", "on", "where", "having", "case", "in", "between", "like", "values", "set", "return"}
not_operands = {"interval", "case", "select", "date", "timestamp"}
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
        else:
            out.append(tokens[at])
            at += 1
    return out


def is_before_operand(out: list[str]) -> bool:
    last = next((word for word in reversed(out) if not is_blank(word)), None)
    return last is None or last.lower() in before_operand


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
