"""Finds calls of functions and casts in SQL text, and puts what the rules of meanings.py say in their place."""

import re

from igarape_jobs import meanings, negations
from igarape_jobs.nodes import Text
from igarape_jobs.sql_tokens import after_blanks, closing, token

wanted = re.compile(rf"\b({'|'.join([*meanings.functions, 'cast'])})\s*\(", re.IGNORECASE)
negation = re.compile(r"-\s*[A-Za-z_`(]")
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
        is_call = opening < len(tokens) and tokens[opening] == "(" and (name == "cast" or name in meanings.functions)
        if not is_call or preceded_by_dot(tokens, at):
            out.append(tokens[at])
            at += 1
            continue
        end = closing(tokens, opening)
        out.append(call_text(tokens[at], expanded(tokens[opening + 1:end])))
        at = end + 1
    return out


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


def separated(tokens: list[str]) -> list[str]:
    parts, depth, part = [], 0, ""
    for word in tokens:
        depth += (word in "([{") - (word in ")]}") if len(word) == 1 else 0
        if word == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += word
    return [*parts, part] if tokens else []


def last_as(tokens: list[str]) -> int | None:
    depth, found = 0, None
    for at, word in enumerate(tokens):
        depth += (word == "(") - (word == ")")
        if word.lower() == "as" and depth == 0:
            found = at
    return found


def preceded_by_dot(tokens: list[str], at: int) -> bool:
    return at > 0 and tokens[at - 1] == "."
