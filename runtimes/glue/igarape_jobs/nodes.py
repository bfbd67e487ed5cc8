"""Expressions that can be written either as SQL text or as columns, so that a rule of Spark's is stated once for both."""

import re
from dataclasses import dataclass

from pyspark.sql import functions
from pyspark.sql.connect.column import Column
from pyspark.sql.connect.expressions import CastExpression, Expression, LiteralExpression, UnresolvedFunction

from igarape_jobs import file_names

prefix_of_marks = "__igarape_typed_"
place_of_element = "\0"
infix = {"==": "=", "and": "AND", "or": "OR", "+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "^": "^", "<": "<", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Text:
    """SQL that the script wrote."""

    sql: str

    @property
    def literal(self) -> str | None:
        quoted = len(self.sql) > 1 and self.sql[0] == self.sql[-1] and self.sql[0] in "'\""
        return self.sql[1:-1] if quoted and self.sql[0] not in self.sql[1:-1] and "\\" not in self.sql else None

    def text(self) -> str:
        return f"({self.sql})"

    def column(self) -> Column:
        raise NotImplementedError("text stays text")


@dataclass(frozen=True)
class Built:
    """A column that the script built."""

    expression: Expression

    @property
    def literal(self) -> str | None:
        value = self.expression._value if isinstance(self.expression, LiteralExpression) else None
        return value if isinstance(value, str) else None

    def column(self) -> Column:
        return Column(self.expression)


@dataclass(frozen=True)
class Literal:
    value: object

    def text(self) -> str:
        if isinstance(self.value, str):
            return "'" + self.value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        if isinstance(self.value, float):
            return f"{self.value!r}D"
        return {None: "NULL", True: "true", False: "false"}[self.value] if self.value is None or isinstance(self.value, bool) else str(self.value)

    def column(self) -> Column:
        return functions.lit(self.value)


@dataclass(frozen=True)
class Named:
    """A column by its name."""

    name: str

    def text(self) -> str:
        raise NotImplementedError(file_names.refusal)

    def column(self) -> Column:
        return functions.col(self.name)


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple

    def text(self) -> str:
        shown = [argument.text() for argument in self.arguments]
        if self.name in infix:
            return f"({shown[0]} {infix[self.name]} {shown[1]})"
        return f"{self.name}({', '.join(shown)})"

    def column(self) -> Column:
        columns = [argument.column() for argument in self.arguments]
        return plain_call(self.name, *columns)


@dataclass(frozen=True)
class Cast:
    """The engine's own cast: `lenient` makes null of what does not fit."""

    of: object
    type: str
    lenient: bool = True

    def text(self) -> str:
        return f"{'try_cast' if self.lenient else 'cast'}({self.of.text()} AS {self.type})"

    def column(self) -> Column:
        column = self.of.column()
        return column.try_cast(self.type) if self.lenient else plain_cast(column, self.type)


@dataclass(frozen=True)
class Case:
    """`branches` are pairs of a condition and a value; the last value stands alone."""

    branches: tuple
    otherwise: object

    def text(self) -> str:
        whens = " ".join(f"WHEN {condition.text()} THEN {value.text()}" for condition, value in self.branches)
        return f"(CASE {whens} ELSE {self.otherwise.text()} END)"

    def column(self) -> Column:
        parts = [part.column() for branch in self.branches for part in branch]
        return plain_call("when", *parts, self.otherwise.column())


@dataclass(frozen=True)
class Each:
    """A function of one element, for `transform`, `exists` and their like: `body` makes a node of the element's node."""

    body: object

    def text(self) -> str:
        """Under a name that nothing inside it has."""
        name, said = "__e", self.body(Text(place_of_element)).text()
        while f"{name} ->" in said:
            name += "e"
        return f"{name} -> {said.replace(place_of_element, name)}"

    def column(self) -> Column:
        from pyspark.sql.connect.functions.builtin import _create_lambda

        return Column(_create_lambda(lambda element: self.body(Built(element._expr)).column()))


@dataclass(frozen=True)
class Field:
    """A field of a struct."""

    of: object
    name: str

    def text(self) -> str:
        return f"{self.of.text()}.`{self.name}`"

    def column(self) -> Column:
        return self.of.column().getField(self.name)


def refuse(what: str):
    raise NotImplementedError(f"The embedded engine does not do {what} as Spark does; the `spark` engine does (--igarape-engine spark).")


def call(name: str, *arguments) -> Call:
    return Call(name, tuple(node(argument) for argument in arguments))


def case(*parts) -> Case:
    pairs = [(node(condition), node(value)) for condition, value in zip(parts[:-1:2], parts[1:-1:2])]
    return Case(tuple(pairs), node(parts[-1]))


def node(value):
    return value if hasattr(value, "column") else Literal(value)


def whole_number(value) -> int | None:
    """The number, where it is written out."""
    if isinstance(value, Literal):
        value = value.value
    if isinstance(value, Text):
        return int(value.sql) if re.fullmatch(r"-?\d+", value.sql) else None
    if isinstance(value, Built):
        value = value.expression._value if isinstance(value.expression, LiteralExpression) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def by_type(name: str):
    """A call that waits for the type of its first argument (typed_calls.py)."""
    return lambda value, *digits: call(prefix_of_marks + name, value, *digits) if len(digits) < 2 else call(name, value, *digits)


def plain_call(name: str, *columns: Column) -> Column:
    """A call of the engine's function, which no rule changes again."""
    expression = UnresolvedFunction(name, [column._expr for column in columns])
    expression._is_plain = True
    return Column(expression)


def plain_cast(column: Column, type: str) -> Column:
    expression = CastExpression(column._expr, type)
    expression._is_plain = True
    return Column(expression)
