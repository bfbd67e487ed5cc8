"""A reader's or writer's options: without regard to case, and none is ignored. What is not covered is refused by name."""

import re


class Options:
    def __init__(self, format: str, given: dict):
        self._format = format
        self._given = {key.lower(): as_text(value) for key, value in given.items() if value is not None}
        self._asked: set[str] = set()

    def get(self, *names: str, default: str = "") -> str:
        """The first of some names of one option."""
        self._asked.update(name.lower() for name in names)
        return next((self._given[name.lower()] for name in names if name.lower() in self._given), default)

    def flag(self, name: str, default: bool = False) -> bool:
        text = self.get(name, default=str(default)).lower()
        if text not in ("true", "false"):
            raise ValueError(f"{name} flag can be true or false")
        return text == "true"

    def text(self, *names: str, default: str) -> str:
        """Some characters, with the escapes that Spark knows in a separator."""
        text = self.get(*names, default=default)
        return re.sub(r"\\([t0\\])", lambda match: {"t": "\t", "0": "\0", "\\": "\\"}[match[1]], text)

    def char(self, *names: str, default: str) -> str:
        text = {"\\t": "\t", "\\0": "\0", "\\\\": "\\", "": "\0"}.get(text := self.get(*names, default=default), text)
        if len(text) != 1:
            raise NotImplementedError(f"The embedded engine takes one character as {self._format} option {names[0]}, not {text!r}.")
        return text

    def only(self, name: str, *values: str) -> None:
        """An option of which only some values are covered."""
        given = self.get(name, default=values[0])
        if given.lower() not in [value.lower() for value in values]:
            raise NotImplementedError(f"The embedded engine does not cover {self._format} option {name}={given!r}.")

    def refuse_unknown(self) -> None:
        unknown = sorted(set(self._given) - self._asked)
        if unknown:
            raise NotImplementedError(f"The embedded engine does not cover {self._format} option {', '.join(unknown)}; the `spark` engine does.")

    def as_dict(self) -> dict[str, str]:
        return dict(self._given)


def as_text(value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
