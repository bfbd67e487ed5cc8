"""`input_file_name()`: the scan under a frame is made again with a column that tells the file, and the frame's steps let it through."""

from urllib.parse import quote

from pyspark.sql import functions
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.expressions import UnresolvedFunction
from pyspark.sql.connect.plan import LogicalPlan
from pyspark.sql.connect.proto import Relation

hidden = "__igarape_file"
# Steps that keep rows apart, so that each still has its file.
passing = ("filter", "sort", "limit", "sample", "offset", "subquery_alias", "repartition", "repartition_by_expression", "hint", "with_columns",
           "with_columns_renamed", "deduplicate")
refusal = ("input_file_name() is covered by the embedded engine right over what spark.read gave, in select, withColumn and filter; "
           "the `spark` engine does it everywhere (--igarape-engine spark).")


class Given(LogicalPlan):
    """A plan that is already written."""

    def __init__(self, relation: Relation):
        super().__init__(None)
        self._relation = relation

    def plan(self, session) -> Relation:
        return self._relation


class FileNames:
    def __init__(self):
        self._scans: dict[str, object] = {}

    def remember(self, folder, again) -> None:
        """`again` makes a scan's frame once more, with the hidden column."""
        self._scans[str(folder)] = again

    def exposed(self, frame: DataFrame) -> DataFrame:
        relation = Relation()
        relation.CopyFrom(frame._plan.to_proto(frame._session.client).root)
        return DataFrame(Given(self._opened(relation)), frame._session)

    def _opened(self, relation: Relation) -> Relation:
        kind = relation.WhichOneof("rel_type")
        if kind == "drop" and list(relation.drop.column_names) == [hidden]:
            return relation.drop.input
        if kind in passing:
            step = getattr(relation, kind)
            step.input.CopyFrom(self._opened(step.input))
            return relation
        if kind == "project":
            source = relation.project.input.read.data_source.paths
            again = self._scans.get(source[0]) if source else None
            if again:
                made = again()
                return made._plan.to_proto(made._session.client).root
            relation.project.input.CopyFrom(self._opened(relation.project.input))
            relation.project.expressions.add().unresolved_attribute.unparsed_identifier = hidden
            return relation
        raise NotImplementedError(refusal)


def uri_text(uri: str) -> str:
    """As Hadoop shows a path: escaped, and local ones with three slashes."""
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{quote(rest, safe='/=:@!$&+,;~()*-._' + chr(39))}"


def uses_file(columns) -> bool:
    return any(asks(column._expr) for column in columns if hasattr(column, "_expr"))


def asks(expression) -> bool:
    is_call = isinstance(expression, UnresolvedFunction) and expression._name in ("input_file_name", "input_file_block_start")
    return is_call or any(asks(child) for child in expression.children)


def install(names: FileNames) -> None:
    plain = {name: getattr(DataFrame, name) for name in ("select", "withColumn", "withColumns", "filter")}

    def select(self, *cols):
        columns = cols[0] if len(cols) == 1 and isinstance(cols[0], list) else cols
        if not uses_file(columns):
            return plain["select"](self, *cols)
        chosen = plain["select"](names.exposed(self), *columns)
        return chosen.drop(hidden) if any(isinstance(column, str) and column == "*" for column in columns) else chosen

    def with_column(self, colName, col):
        return with_columns(self, {colName: col}) if uses_file([col]) else plain["withColumn"](self, colName, col)

    def with_columns(self, *colsMap):
        if not uses_file(colsMap[0].values()):
            return plain["withColumns"](self, *colsMap)
        return plain["withColumns"](names.exposed(self), *colsMap).drop(hidden)

    def filter(self, condition):
        return plain["filter"](names.exposed(self), condition).drop(hidden) if uses_file([condition]) else plain["filter"](self, condition)

    DataFrame.select = select
    DataFrame.withColumn = with_column
    DataFrame.withColumns = with_columns
    DataFrame.filter = DataFrame.where = filter


def column():
    return functions.col(hidden)
