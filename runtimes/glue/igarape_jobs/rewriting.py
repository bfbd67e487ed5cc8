"""Puts the rules of meanings.py under everything that a script says to the engine: columns, SQL expressions and queries. Columns
keep the names that they would have had."""

from contextlib import contextmanager

from pyspark.errors import PySparkException
from pyspark.sql.connect.column import Column
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.expressions import CaseWhen, CastExpression, ColumnAlias, ColumnReference, SQLExpression, UnresolvedFunction
from pyspark.sql.connect.group import GroupedData

from igarape_jobs import meanings, mixed_types, sql_calls
from igarape_jobs.nodes import Built

plain_function = UnresolvedFunction.to_plan
plain_cast = CastExpression.to_plan
plain_text = SQLExpression.to_plan
plain_select = DataFrame.select
plain_select_expressions = DataFrame.selectExpr
plain_group = DataFrame.groupBy
plain_agg = GroupedData.agg


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


def is_changed(expression) -> bool:
    if isinstance(expression, SQLExpression):
        return sql_calls.rewritten(expression._expr) != expression._expr
    if isinstance(expression, UnresolvedFunction) and expression._name in meanings.functions:
        return True
    if isinstance(expression, CastExpression) and expression._eval_mode is None:
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


def query(sql, text: str, *arguments):
    """A query's rows, its columns named as it names them."""
    changed = sql_calls.rewritten(text)
    if changed == text:
        return sql(text, *arguments)
    frame = sql(changed, *arguments)
    try:
        names = sql(text, *arguments).columns
    except PySparkException:
        return frame
    return frame if names == frame.columns else frame.toDF(*names)
