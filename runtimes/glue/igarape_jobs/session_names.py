"""Which tables a SQL text may name. Too many are harmless: those that the Catalog does not have are passed over."""

import re

name = r"(?:`[^`]+`|[A-Za-z_]\w*)"
chain = re.compile(rf"{name}(?:\s*\.\s*{name})+|{name}")
quoted_text = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def without_comments(text: str) -> str:
    """Comments go, but not what looks like one inside quotes."""
    token = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
    return token.sub(lambda match: " " if match[0].startswith(("--", "/*")) else match[0], text)


def table_names(text: str) -> list[str]:
    plain = quoted_text.sub("''", without_comments(text))
    after = re.compile(rf"\b(?:FROM|JOIN|TABLE)\s+((?:{chain.pattern})(?:\s+(?:AS\s+)?{name})?(?:\s*,\s*(?:{chain.pattern})(?:\s+(?:AS\s+)?{name})?)*)",
                       re.IGNORECASE)
    found: list[str] = []
    # Overlapping on purpose: FROM a JOIN b names two.
    at = 0
    while match := after.search(plain, at):
        for part in match[1].split(","):
            first = chain.match(part.strip())
            if first:
                found.append(re.sub(r"\s", "", first[0]))
        at = match.start(1)
    return list(dict.fromkeys(found))
