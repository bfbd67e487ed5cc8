"""The words of SQL text, and where what is in parentheses ends."""

import re

token = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|\w+|\s+|.", re.DOTALL)


def closing(tokens: list[str], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at] in ("(", "[")) - (tokens[at] in (")", "]"))
        if depth == 0:
            return at
    return len(tokens)


def after_blanks(tokens: list[str], at: int) -> int:
    while at < len(tokens) and is_blank(tokens[at]):
        at += 1
    return at


def is_blank(word: str) -> bool:
    return word.isspace() or word.startswith(("--", "/*"))


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
