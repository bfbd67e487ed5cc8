"""JSON for DynamicFrames: a record a line, or documents one after another, each an object or an array of them."""

import json
import re

from awsglue.unsupported import refuse

step = re.compile(r"\.\.|\.(\*|[^.\[\]]+)|\[(\*|\d+)\]|\['([^']+)'\]|\[\"([^\"]+)\"\]")


class Json:
    """`records` gives dicts, and for text that is no record the text with its error."""

    def __init__(self, given: dict):
        options = {name.lower(): value for name, value in given.items()}
        for name in set(options) - {"jsonpath", "multiline", "optimizeperformance", "withschema", "encoding"}:
            refuse(f"format json with the option {name}")
        if options.get("withschema"):
            refuse("format json with withSchema")
        if str(options.get("encoding", "utf-8")).lower() not in ("utf-8", "utf8"):
            refuse(f"format json with encoding={options['encoding']!r}")
        self._steps = json_path(options.get("jsonpath") or "$")
        self._is_whole = str(options.get("multiline", "false")).lower() == "true" or len(self._steps) > 0

    def records(self, stream):
        if self._is_whole:
            yield from self._documents(stream.read().decode("utf-8", errors="replace"))
            return
        for raw in stream:
            text = raw.decode("utf-8", errors="replace").strip("\ufeff \t\r\n")
            if not text:
                continue
            try:
                value = json.loads(text)
            except ValueError:
                # An object over several lines, or several in one.
                yield from self._documents(text + "\n" + stream.read().decode("utf-8", errors="replace"))
                return
            yield from self._of(value, text)

    def _documents(self, text: str):
        decoder, at = json.JSONDecoder(), 0
        text = text.strip("\ufeff \t\r\n")
        while at < len(text):
            try:
                value, end = decoder.raw_decode(text, at)
            except ValueError as error:
                # What follows a broken line is read on from the next.
                end = text.find("\n", at) + 1 or len(text)
                yield text[at:end].strip(), error
                at = after_blanks(text, end)
                continue
            yield from self._of(value, text[at:end])
            at = after_blanks(text, end)

    def _of(self, value, text: str):
        for found in values_at(value, self._steps):
            for record in found if isinstance(found, list) else [found]:
                yield record if isinstance(record, dict) else (text[:1000], ValueError("A record is a JSON object."))


def after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def json_path(path: str) -> list[str]:
    """`$.a.b[*]`, `$['a'][0]`: names, places and stars. Filters and deep scans are not."""
    rest, steps = path.strip().removeprefix("$"), []
    while rest:
        match = step.match(rest)
        if not match or match[0] == "..":
            refuse(f"the jsonPath {path!r}")
        steps.append(next(part for part in match.groups() if part is not None))
        rest = rest[match.end():]
    return steps


def values_at(value, steps: list[str]):
    if not steps:
        yield value
    elif steps[0] == "*":
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            yield from values_at(item, steps[1:])
    elif isinstance(value, list) and steps[0].isdigit():
        if int(steps[0]) < len(value):
            yield from values_at(value[int(steps[0])], steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from values_at(value[steps[0]], steps[1:])
