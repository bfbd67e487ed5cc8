"""Finds calls of functions and casts in SQL text, and puts what the rules of meanings.py say in their place."""

import re

from igarape_jobs import choices, meanings, negations
from igarape_jobs.nodes import Text
from igarape_jobs.sql_tokens import after_blanks, closing, separated, token

wanted = re.compile(rf"\b({'|'.join([*meanings.functions, *meanings.collections, 'cast'])})\s*\(|\b(case|values)\b", re.IGNORECASE)
negation = re.compile(r"[-%^]\s*[-A-Za-z_`(]|\b(?:rlike|regexp)\b", re.IGNORECASE)
setting = re.compile(r"\s*(set|add|refresh)\b", re.IGNORECASE)


def rewritten(sql: str) -> str:
    if not wanted.search(sql) and not negation.search(sql):
        return sql
    tokens = token.findall(sql)
    return "".join(expanded(tokens if setting.match(sql) else negations.called(tokens)))


def expanded(tokens: list[str]) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(tokens):
        opening = after_blanks(tokens, at + 1)
        name = tokens[at].lower()
        if name == "case" and not preceded_by_dot(tokens, at) and (end := choices.ending(tokens, at)):
            out.extend(choices.rewritten(tokens[at:end + 1], expanded))
            at = end + 1
            continue
        if name == "values" and (found := choices.rows_of(tokens, at)) and (told := choices.with_one_type(found[0])):
            out.extend([told[0], *expanded(token.findall(told[1]))])
            at = found[1] + 1
            continue
        if name in meanings.collections and (end := end_of_window(tokens, opening)):
            out.append(meanings.without_nulls(Text(tokens[at] + "".join(expanded(tokens[at + 1:end])))).text())
            at = end
            continue
        is_call = opening < len(tokens) and tokens[opening] == "(" and (name == "cast" or name in meanings.functions)
        if not is_call or preceded_by_dot(tokens, at):
            out.append(tokens[at])
            at += 1
            continue
        end = closing(tokens, opening)
        out.append(call_text(tokens[at], expanded(tokens[opening + 1:end])))
        at = end + 1
    return out


def end_of_window(tokens: list[str], opening: int) -> int | None:
    """Behind `(…) OVER (…)` or `(…) OVER name`, where it stands here."""
    if opening >= len(tokens) or tokens[opening] != "(":
        return None
    over = after_blanks(tokens, closing(tokens, opening) + 1)
    if over >= len(tokens) or tokens[over].lower() != "over":
        return None
    window = after_blanks(tokens, over + 1)
    return closing(tokens, window) + 1 if tokens[window] == "(" else window + 1


def call_text(name: str, inner: list[str]) -> str:
    if name.lower() == "cast":
        place = last_as(inner)
        if place is None:
            return f"{name}({''.join(inner)})"
        return meanings.cast(Text("".join(inner[:place]).strip()), "".join(inner[place + 1:]).strip()).text()
    arguments = [Text(argument.strip()) for argument in separated(inner)]
    try:
        return meanings.functions[name.lower()](*arguments).text()
    except TypeError:
        # Another number of arguments: the engine says what is wrong with it.
        return f"{name}({''.join(inner)})"


def last_as(tokens: list[str]) -> int | None:
    depth, found = 0, None
    for at, word in enumerate(tokens):
        depth += (word == "(") - (word == ")")
        if word.lower() == "as" and depth == 0:
            found = at
    return found


def preceded_by_dot(tokens: list[str], at: int) -> bool:
    return at > 0 and tokens[at - 1] == "."
