"""Puts the rules of meanings.py under everything that a script says to the engine: columns, SQL expressions and queries. Columns
keep the names that they would have had."""

import re
from contextlib import contextmanager

from pyspark.errors import PySparkException
from pyspark.util import PythonEvalType
from pyspark.sql import functions
from pyspark.sql.connect.column import Column
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.expressions import CaseWhen, CastExpression, ColumnAlias, ColumnReference, CommonInlineUserDefinedFunction, Expression, SQLExpression, UnresolvedFunction, WindowExpression
from pyspark.sql.connect.group import GroupedData

from igarape_jobs import meanings, mixed_types, sql_calls
from igarape_jobs.nodes import Built
from igarape_jobs.nodes import plain_cast as plain_cast_of

plain_function = UnresolvedFunction.to_plan
plain_cast = CastExpression.to_plan
plain_text = SQLExpression.to_plan
plain_user_function = CommonInlineUserDefinedFunction.to_plan
plain_window = WindowExpression.to_plan
plain_select = DataFrame.select
plain_select_expressions = DataFrame.selectExpr
plain_group = DataFrame.groupBy
plain_agg = GroupedData.agg


row_by_row = (PythonEvalType.SQL_BATCHED_UDF, PythonEvalType.SQL_ARROW_BATCHED_UDF)
# A type in words may be the columns alone.
is_struct = re.compile(r"\s*(struct\s*<|`?\w+`?\s*:?\s+\w)", re.IGNORECASE)


class Switch:
    """Off while the engine is asked how it would name columns that are as the script wrote them."""

    is_on = True

    @contextmanager
    def off(self):
        self.is_on = False
        try:
            yield
        finally:
            self.is_on = True


switch = Switch()


def install() -> None:
    UnresolvedFunction.to_plan = lambda self, session: meant(self, session, plain_function)
    CastExpression.to_plan = lambda self, session: meant(self, session, plain_cast)
    SQLExpression.to_plan = text_to_plan
    WindowExpression.to_plan = window_to_plan
    CommonInlineUserDefinedFunction.to_plan = user_function_to_plan
    DataFrame.select = select
    DataFrame.selectExpr = select_expressions
    DataFrame.groupBy = DataFrame.groupby = group_by
    GroupedData.agg = aggregate


def meant(expression, session, plain):
    changed = changed_by_rule(expression) if switch.is_on else None
    return changed.to_plan(session) if changed is not None else plain(expression, session)


def changed_by_rule(expression):
    if getattr(expression, "_is_plain", False):
        return None
    if isinstance(expression, CastExpression):
        if expression._eval_mode is not None:
            return None
        type = expression._data_type
        return meanings.cast(Built(expression._expr), type if isinstance(type, str) else type.simpleString()).column()._expr
    rule = None if expression._is_distinct or is_plain_choice(expression) else meanings.of_columns.get(expression._name)
    return rule(*map(Built, expression._args)).column()._expr if rule else None


def text_to_plan(self, session):
    if not switch.is_on:
        return plain_text(self, session)
    return plain_text(SQLExpression(sql_calls.rewritten(self._expr)), session)


def window_to_plan(self, session):
    """Where a window's values are collected, nulls are left out, as they are of a group's."""
    if not switch.is_on or getattr(self, "_is_plain", False) or not is_collection(self):
        return plain_window(self, session)
    window = WindowExpression(self._windowFunction, self._windowSpec)
    window._is_plain = True
    return meanings.without_nulls(Built(window)).column()._expr.to_plan(session)


def user_function_to_plan(self, session):
    """A struct that a function gives as None has no fields but null ones."""
    if not switch.is_on or not gives_structs(self):
        return plain_user_function(self, session)
    return meanings.cleared(Built(GivenByUser(self))).column()._expr.to_plan(session)


class GivenByUser(Expression):
    """A call as it is."""

    def __init__(self, call: CommonInlineUserDefinedFunction):
        super().__init__()
        self._call = call

    def to_plan(self, session):
        return plain_user_function(self._call, session)


def gives_structs(call: CommonInlineUserDefinedFunction) -> bool:
    function = call._function
    type = getattr(function, "_output_type", None)
    text = type if isinstance(type, str) else type.simpleString() if type is not None else ""
    return getattr(function, "_eval_type", 0) in row_by_row and is_struct.match(text) is not None


def is_collection(window: WindowExpression) -> bool:
    return isinstance(window._windowFunction, UnresolvedFunction) and window._windowFunction._name in meanings.collections


def is_changed(expression) -> bool:
    if isinstance(expression, SQLExpression):
        return sql_calls.rewritten(expression._expr) != expression._expr
    if isinstance(expression, UnresolvedFunction) and expression._name in meanings.functions:
        return True
    if isinstance(expression, UnresolvedFunction) and expression._name in ("%", "^") and not mixed_types.is_written_out(Built(expression._args[1])):
        return True
    if isinstance(expression, CastExpression) and expression._eval_mode is None:
        return True
    if isinstance(expression, WindowExpression) and is_collection(expression):
        return True
    if isinstance(expression, CommonInlineUserDefinedFunction) and gives_structs(expression):
        return True
    if isinstance(expression, CaseWhen) and mixed_types.changes([Built(value) for value in values_of(expression)]):
        return True
    return any(is_changed(child) for child in expression.children)


def is_plain_choice(expression: UnresolvedFunction) -> bool:
    if expression._name != "when":
        return False
    arguments = expression._args
    values = arguments[1::2] + ([arguments[-1]] if len(arguments) % 2 else [])
    return not mixed_types.changes([Built(value) for value in values])


def values_of(expression: CaseWhen) -> list:
    values = [value for _, value in expression._branches]
    return values if expression._else_value is None else [*values, expression._else_value]


def named(columns: list, build) -> list:
    """The columns, with the names that the engine gives them as they were written. `build` makes a frame that ends with them."""
    lacking = [index for index, column in enumerate(columns)
               if isinstance(column, Column) and not isinstance(column._expr, ColumnAlias) and is_changed(column._expr)]
    unclear = [index for index in lacking if cast_of(columns[index]) is None]
    names: list[str] = []
    if unclear:
        with switch.off():
            try:
                names = build([columns[index] for index in unclear]).columns[-len(unclear):]
            except PySparkException:
                names = []
    told = dict(zip(unclear, names))
    out = list(columns)
    for index in lacking:
        name = cast_of(columns[index]) or told.get(index)
        out[index] = columns[index].alias(name) if name else columns[index]
    return out


def cast_of(column: Column) -> str | None:
    """Spark names the cast of a column after the column; a call of nothing needs no asking."""
    expression = column._expr
    if isinstance(expression, UnresolvedFunction) and not expression._args:
        return f"{expression._name}()"
    if isinstance(expression, CastExpression) and isinstance(expression._expr, ColumnReference):
        return expression._expr._unparsed_identifier.split(".")[-1].strip("`")
    return None


def select(self, *cols):
    columns = cols[0] if len(cols) == 1 and isinstance(cols[0], list) else cols
    return plain_select(self, *named(list(columns), lambda some: plain_select(self, *some)))


def select_expressions(self, *expr):
    """Texts may give several columns each, so all names are asked for at once."""
    texts = expr[0] if len(expr) == 1 and isinstance(expr[0], list) else expr
    frame = plain_select_expressions(self, *expr)
    if all(sql_calls.rewritten(text) == text for text in texts):
        return frame
    with switch.off():
        try:
            names = plain_select_expressions(self, *expr).columns
        except PySparkException:
            return frame
    return frame if names == frame.columns else frame.toDF(*names)


def group_by(self, *cols):
    columns = cols[0] if len(cols) == 1 and isinstance(cols[0], list) else cols
    return plain_group(self, *named(list(columns), lambda some: plain_select(self, *some)))


def aggregate(self, *exprs):
    if len(exprs) == 1 and isinstance(exprs[0], dict):
        return plain_agg(self, *exprs)
    # A pivot's columns are named after its values first, and after the call only behind them.
    source = plain_group(self._df) if self._group_type == "pivot" else self
    return plain_agg(self, *named(list(exprs), lambda some: plain_agg(source, *some)))


set_operation = re.compile(r"\b(union|except|intersect|minus)\b", re.IGNORECASE)


def query(sql, text: str, *arguments):
    """A query's rows, its columns named as it names them."""
    changed = sql_calls.rewritten(text)
    frame = sql(changed, *arguments)
    if set_operation.search(text):
        frame = with_types_that_come(frame)
    if changed == text:
        return frame
    try:
        names = sql(text, *arguments).columns
    except PySparkException:
        return frame
    return frame if names == frame.columns else frame.toDF(*names)


analyzed = re.compile(r"== Analyzed Logical Plan ==\n([^\n]*)\n")
engine_types = {"Utf8": "string", "Int8": "tinyint", "Int16": "smallint", "Int32": "int", "Int64": "bigint", "Float32": "float", "Float64": "double", "Boolean": "boolean", "Date32": "date"}


def with_types_that_come(frame: DataFrame) -> DataFrame:
    """The engine says a union has the types of its first part, and gives those that hold all parts, as its plan tells."""
    said = frame.schema.fields
    line = analyzed.search(frame._explain_string(extended=True))
    come = [type_named(text) for text in re.split(r"(?:^|, )#\d+: ", line[1])[1:]] if line else []
    if len(come) != len(said) or all(type in (None, field.dataType.simpleString()) for type, field in zip(come, said)):
        return frame
    numbered = frame.toDF(*[f"_{index}" for index in range(len(said))])
    cast = [plain_cast_of(functions.col(f"_{index}"), type) if type else functions.col(f"_{index}") for index, type in enumerate(come)]
    return plain_select(numbered, *cast).toDF(*[field.name for field in said])


def type_named(text: str) -> str | None:
    """Spark's name of the engine's type, where it has one that is plain."""
    decimal = re.fullmatch(r"Decimal128\((\d+), (\d+)\)", text)
    elements = re.fullmatch(r"List\((?:(?:nullable|non-null) )?(.+)\)", text)
    of_elements = type_named(elements[1]) if elements else None
    return f"decimal({decimal[1]},{decimal[2]})" if decimal else f"array<{of_elements}>" if of_elements else engine_types.get(text)
