"""Reading a DynamicFrame: from files by connection options, or from a table of the Catalog."""

from pyspark.errors import AnalysisException

from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import refuse

# Options of Glue that change speed or grouping, never the rows.
harmless = {"groupfiles", "groupsize", "boundedfiles", "boundedsize", "useSparkDataSource".lower(), "optimizeperformance", "usecataloglogschema",
            "attachfilename", "compressiontype", "exclusions", "recurse", "paths", "path", "batchsize", "maxband", "maxfilesinband", "jobbookmarkkeys"}


def frame_from_options(glue_context, connection_type, connection_options, format, format_options):
    if connection_type != "s3":
        refuse(f"create_dynamic_frame.from_options(connection_type={connection_type!r})")
    for name in connection_options:
        if name.lower() not in harmless or name.lower() in ("attachfilename", "boundedfiles", "boundedsize"):
            refuse(f"create_dynamic_frame.from_options with the connection option {name}")
    if connection_options.get("exclusions"):
        refuse("create_dynamic_frame.from_options with exclusions")
    uris = connection_options.get("paths") or connection_options.get("path") or []
    uris = [uris] if isinstance(uris, str) else list(uris)
    options = reader_options(format, format_options)
    # Glue reads a folder's own files unless `recurse` says so; folders named column=value count as partitions either way.
    if connection_options.get("recurse") in (True, "true", "True") and not any("=" in uri for uri in uris):
        options = {**options, "recursivefilelookup": str(not has_partitions(glue_context, uris)).lower()}
    reader = glue_context.spark_session.read.format(format).options(**options)
    try:
        frame = reader.load(uris)
    except AnalysisException as error:
        if "PATH_NOT_FOUND" not in str(error) and "UNABLE_TO_INFER_SCHEMA" not in str(error):
            raise
        # A DynamicFrame over nothing is empty; Spark's reader would fail.
        frame = glue_context.spark_session.createDataFrame([], "__none string").drop("__none")
    if format == "csv" and options["header"] != "true":
        frame = frame.toDF(*[name.replace("_c", "col", 1) if name.startswith("_c") else name for name in frame.columns])
    return DynamicFrame(frame, glue_context)


def has_partitions(glue_context, uris):
    from igarape_jobs import paths

    try:
        return bool(paths.find(glue_context.engine.lake, uris, {}).partition_columns)
    except AnalysisException:
        return False


def reader_options(format, given):
    """Glue's format options as Spark's."""
    given = {key.lower(): value for key, value in given.items() if key.lower() not in ("optimizeperformance", "version")}
    known = {"csv": {"separator": "sep", "escaper": "escape", "quotechar": "quote", "withheader": "header", "multiline": "multiLine", "encoding": "encoding"},
             "json": {"multiline": "multiLine", "encoding": "encoding"}, "parquet": {}}
    if format not in known:
        refuse(f"create_dynamic_frame with format={format!r}")
    options = {}
    for key, value in given.items():
        if key not in known[format]:
            refuse(f"create_dynamic_frame with the format option {key}")
        options[known[format][key]] = str(value).lower() if isinstance(value, bool) else str(value)
    if format == "csv":
        # Glue has no escape character unless one is given, and reads doubled quotes as one.
        options.setdefault("escape", '"')
        options["quote"] = "" if options.get("quote") == "-1" else options.get("quote", '"')
        options["header"] = options.get("header", "false").lower()
    return options


def frame_from_catalog(glue_context, database, table_name, push_down_predicate, additional_options):
    for name in additional_options:
        if name.lower() not in harmless | {"catalogpartitionpredicate"}:
            refuse(f"create_dynamic_frame.from_catalog with the option {name}")
    catalog = glue_context.engine.catalog
    table = catalog.must_get_table(database, table_name)
    frame = catalog.frame(table, additional_options.get("catalogPartitionPredicate", ""))
    if push_down_predicate:
        frame = frame.filter(push_down_predicate)
    return DynamicFrame(frame, glue_context)
