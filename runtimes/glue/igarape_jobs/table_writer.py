"""`df.writeTo`: Spark's second interface of tables. Of the tables that the Catalog holds it only creates new ones, there as here; to
change one, `df.write` is the interface."""

from pyspark.errors import AnalysisException
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.expressions import ColumnReference
from pyspark.sql.connect.readwriter import DataFrameWriterV2

from igarape_jobs.table_statements import no_replacement
from igarape_jobs.tables import Wanted


def install(engine) -> None:
    DataFrameWriterV2.create = lambda self: create(engine, self)
    for name in ("append", "overwrite", "overwritePartitions"):
        setattr(DataFrameWriterV2, name, lambda self, *_condition: refuse_change(engine, self))
    for name in ("replace", "createOrReplace"):
        setattr(DataFrameWriterV2, name, lambda self: refuse_replacement(engine, self))


def create(engine, writer: DataFrameWriterV2) -> None:
    write = writer._write
    options = {key: value for key, value in write.options.items() if key != "path"}
    wanted = Wanted((write.provider or "parquet").lower(), [key_of(column) for column in write.partitioning_columns], options, write.options.get("path"),
                    properties=dict(write.table_properties))
    engine.tables.save(DataFrame(writer._df, writer._spark), writer._table_name, "error", wanted)


def key_of(column) -> str:
    if not isinstance(column._expr, ColumnReference):
        raise AnalysisException(f"Unsupported partition transform: {column._expr}.")
    return column._expr._unparsed_identifier.strip("`")


def refuse_change(engine, writer: DataFrameWriterV2) -> None:
    database, name = place(engine, writer)
    engine.catalog.must_get_table(database, name)
    raise AnalysisException(f"Cannot write into v1 table: `spark_catalog`.`{database}`.`{name}`. df.write.saveAsTable and insertInto do.")


def refuse_replacement(engine, writer: DataFrameWriterV2) -> None:
    raise AnalysisException(no_replacement.format(".".join(f"`{part}`" for part in place(engine, writer))))


def place(engine, writer: DataFrameWriterV2) -> tuple[str, str]:
    engine.tables.check_enabled("DataFrame.writeTo")
    return engine.catalog.split(writer._table_name)
