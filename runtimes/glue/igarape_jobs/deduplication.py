"""`dropDuplicates` of some columns: the engine keeps every other column's first value of each key by itself, at a kilobyte a row.
Of a large frame the rows are staged with a number, and those with the lowest number of each key are kept."""

import shutil

from pyspark.errors import PySparkException
from pyspark.sql import functions, types
from pyspark.sql.connect.client.core import SparkConnectClient
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.plan import DataSource
from pyspark.sql.connect.proto import Expression, Plan, Relation

from igarape_jobs import staging
from igarape_jobs.messages import messages
from igarape_jobs.file_names import Given

number = "__igarape_row"
# What the engine keeps the first of without an object for each row.
light = (types.NumericType, types.DateType, types.TimestampType, types.TimestampNTZType)


def install(engine) -> None:
    plain = SparkConnectClient._execute_and_fetch_as_iterator

    def staged(self, req, *arguments, **options):
        folders = []
        try:
            if staging.is_large(engine, req.plan):
                folders = restate(engine, req.plan)
            yield from plain(self, req, *arguments, **options)
        finally:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)

    SparkConnectClient._execute_and_fetch_as_iterator = staged


def restate(engine, plan: Plan) -> list:
    """Changes the plan; the folders are needed until it has run."""
    found = [relation for relation in messages(plan, Relation) if relation.WhichOneof("rel_type") == "deduplicate" and relation.deduplicate.column_names]
    return [folder for relation in reversed(found) for folder in restated(engine, plan, relation)]


def restated(engine, plan: Plan, relation: Relation) -> list:
    source = DataFrame(Given(copy_of(relation.deduplicate.input)), engine.session)
    keys = list(relation.deduplicate.column_names)
    if not is_worth_it(source, keys) or names_steps_below(plan, relation):
        return []
    folder = engine.new_folder("rows")
    staging.stage(source.withColumn(number, functions.monotonically_increasing_id()), folder)
    rows = DataFrame(DataSource(format="arrow", schema=None, options={}, paths=[str(folder)], predicates=None), engine.session)
    firsts = rows.groupBy(*[quoted(key) for key in keys]).agg(functions.min(number).alias(number)).select(number)
    # The engine keeps a join's left side in memory: that is the numbers, and never the rows.
    kept = firsts.join(rows, number).select(*[quoted(name) for name in source.columns])
    wanted = kept._plan.to_proto(engine.session.client).root
    if relation.HasField("common") and relation.common.HasField("plan_id"):
        wanted.common.plan_id = relation.common.plan_id
    relation.CopyFrom(wanted)
    return [folder]


def is_worth_it(source: DataFrame, keys: list[str]) -> bool:
    try:
        fields = source.schema.fields
    except PySparkException:
        return False
    lower = [field.name.lower() for field in fields]
    is_clear = len(set(lower)) == len(lower) and all(key.lower() in lower for key in keys)
    return is_clear and any(not isinstance(field.dataType, light) for field in fields if field.name not in keys)


def names_steps_below(plan: Plan, relation: Relation) -> bool:
    """Whether a column elsewhere is said to be that of a step which would be gone."""
    below = {step.common.plan_id for step in messages(relation.deduplicate.input, Relation) if step.HasField("common")}
    inside = sum(is_of(name, below) for name in messages(relation.deduplicate.input, Expression.UnresolvedAttribute))
    return sum(is_of(name, below) for name in messages(plan, Expression.UnresolvedAttribute)) > inside


def is_of(name, steps: set[int]) -> bool:
    return name.HasField("plan_id") and name.plan_id in steps


def copy_of(relation: Relation) -> Relation:
    copy = Relation()
    copy.CopyFrom(relation)
    return copy


def quoted(name: str):
    return functions.col("`" + name.replace("`", "``") + "`")
