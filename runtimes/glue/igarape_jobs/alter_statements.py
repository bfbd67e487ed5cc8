"""ALTER, MSCK, TRUNCATE, COMMENT ON and DROP DATABASE, done in the Data Catalog as Spark does them in its own."""

import json
import shutil

from pyspark.errors import AnalysisException
from pyspark.sql.types import StructType

from igarape_jobs import table_facts
from igarape_jobs.catalog_questions import Questions
from igarape_jobs.column_words import columns_of, split_at_comment
from igarape_jobs.lake import locate
from igarape_jobs.partitions import Partitions, remove_files
from igarape_jobs.statement_words import Words, listed, not_covered, partition_values, properties, unquoted
from igarape_jobs.tables import already_there, column_of

schema_key = "spark.sql.sources.schema"


class AlterStatements:
    def __init__(self, engine):
        self._engine = engine
        self._questions = Questions(engine)

    def run(self, text: str) -> bool:
        """Whether the statement is one of these; if so, it is done."""
        words = Words(text)
        if words.take("ALTER", "TABLE"):
            self._alter_table(self._table(words), words, text)
        elif words.take("MSCK", "REPAIR", "TABLE") or words.take("REPAIR", "TABLE"):
            self._repair(self._table(words), words)
        elif words.take("TRUNCATE", "TABLE"):
            self._truncate(self._table(words), words)
        elif words.take("COMMENT", "ON", "TABLE"):
            table = self._table(words)
            words.take("IS")
            self._update(table, Description=words.text() or "")
        elif words.take("COMMENT", "ON") and words.take_any("DATABASE", "SCHEMA", "NAMESPACE"):
            name = words.name() or ""
            words.take("IS")
            self._update_database(name, Description=words.text() or "")
        elif words.take("ALTER", "DATABASE") or words.take("ALTER", "SCHEMA") or words.take("ALTER", "NAMESPACE"):
            self._alter_database(words, text)
        elif words.take("DROP", "DATABASE") or words.take("DROP", "SCHEMA") or words.take("DROP", "NAMESPACE"):
            self._drop_database(words)
        else:
            return False
        return True

    def _alter_table(self, table: dict, words: Words, text: str) -> None:
        if words.take("ADD", "COLUMNS") or words.take("ADD", "COLUMN"):
            self._add_columns(table, words)
        elif words.take("ADD"):
            self._add_partitions(table, words)
        elif words.take("DROP", "COLUMN") or words.take("DROP", "COLUMNS"):
            raise unsupported(table, "DROP COLUMN")
        elif words.take("DROP"):
            self._drop_partitions(table, words)
        elif words.take("RENAME", "COLUMN"):
            raise unsupported(table, "RENAME COLUMN")
        elif words.take("RENAME", "TO"):
            self._rename(table, words.name() or "")
        elif words.take("RECOVER", "PARTITIONS"):
            Partitions(self._engine, table).repair()
        elif words.take("SET", "TBLPROPERTIES"):
            self._set_properties(table, properties(words.group() or ""))
        elif words.take("UNSET", "TBLPROPERTIES"):
            self._unset_properties(table, words)
        elif words.take("SET", "LOCATION"):
            self._update(table, StorageDescriptor={**table["StorageDescriptor"], "Location": words.text() or ""})
        elif words.take("SET", "SERDEPROPERTIES"):
            self._set_serde(table, properties(words.group() or ""))
        elif words.take("PARTITION"):
            self._alter_partition(table, words, text)
        elif words.take_any("ALTER", "CHANGE"):
            self._change_column(table, words, text)
        else:
            raise not_covered(text)

    def _add_columns(self, table: dict, words: Words) -> None:
        added = columns_of(self._engine, words.group() or words.rest)
        known = {column["Name"] for column in table_facts.columns(table)}
        for field in added.fields:
            if field.name.lower() in known:
                raise AnalysisException(f"[COLUMN_ALREADY_EXISTS] The column `{field.name.lower()}` already exists. Consider to choose another name or rename the existing column.")
        columns = [*table["StorageDescriptor"]["Columns"], *map(column_of, added.fields)]
        keys = len(table.get("PartitionKeys", []))
        self._update(table, StorageDescriptor={**table["StorageDescriptor"], "Columns": columns},
                     Parameters=with_schema(table, lambda fields: fields[:len(fields) - keys] + added.fields + fields[len(fields) - keys:]))

    def _add_partitions(self, table: dict, words: Words) -> None:
        partitions, places = Partitions(self._engine, table), []
        if_not_exists = words.take("IF", "NOT", "EXISTS")
        while words.take("PARTITION"):
            values = partitions.named(partition_values(words.group() or ""))
            places.append((values, (words.text() or "") if words.take("LOCATION") else partitions.location(values)))
        partitions.add(places, if_not_exists)

    def _drop_partitions(self, table: dict, words: Words) -> None:
        partitions, gone = Partitions(self._engine, table), []
        if_exists = words.take("IF", "EXISTS")
        while words.take("PARTITION") or words.take(",", "PARTITION"):
            wanted = partition_values(words.group() or "")
            found = partitions.matching(wanted)
            if not found and not if_exists:
                raise partitions.not_found(wanted)
            gone.extend(partition for partition in found if partition not in gone)
        partitions.drop(gone, with_files=table_facts.is_managed(table))

    def _alter_partition(self, table: dict, words: Words, text: str) -> None:
        partitions = Partitions(self._engine, table)
        wanted = partition_values(words.group() or "")
        values = partitions.named(wanted)
        found = next(iter(partitions.matching(wanted)), None)
        if found is None:
            raise partitions.not_found(wanted)
        if words.take("SET", "LOCATION"):
            partitions.change(found, location=words.text())
        elif words.take("RENAME", "TO", "PARTITION"):
            self._rename_partition(table, partitions, found, values, partitions.named(partition_values(words.group() or "")))
        else:
            raise not_covered(text)

    def _rename_partition(self, table: dict, partitions: Partitions, found: dict, old: list[str], new: list[str]) -> None:
        """The files of a managed table move along, where they lie in the folder of the partition's name."""
        place = found["StorageDescriptor"]["Location"].rstrip("/") + "/"
        moves = table_facts.is_managed(table) and place == partitions.location(old)
        partitions.add([(new, partitions.location(new) if moves else place)], if_not_exists=False)
        if moves:
            move_files(self._engine, place, partitions.location(new))
        partitions.drop([found], with_files=False)

    def _rename(self, table: dict, name: str) -> None:
        """To another name in the database, or into another one; the files of a managed table move along."""
        catalog, place = self._engine.catalog, table["StorageDescriptor"]["Location"]
        database, new = catalog.split(name) if "." in name else (table["DatabaseName"], name.strip("`"))
        if catalog.get_table(database, new):
            raise already_there(database, new)
        target = self._engine.tables.default_location(database, new.lower()) if table_facts.is_managed(table) else place
        moved = {**table["StorageDescriptor"], "Location": target}
        catalog.call("CreateTable", DatabaseName=database, TableInput=table_facts.as_input(table, Name=new.lower(), StorageDescriptor=moved))
        partitions = Partitions(self._engine, table)
        if partitions.keys:
            places = [(partition["Values"], partition["StorageDescriptor"]["Location"].replace(place.rstrip("/") + "/", target.rstrip("/") + "/", 1)) for partition in partitions.all()]
            Partitions(self._engine, catalog.must_get_table(database, new)).add(places, if_not_exists=True)
        if target != place:
            move_files(self._engine, place, target)
        catalog.call("DeleteTable", DatabaseName=table["DatabaseName"], Name=table["Name"])

    def _set_properties(self, table: dict, given: dict[str, str]) -> None:
        comment = {"Description": given.pop("comment")} if "comment" in given else {}
        self._update(table, Parameters={**table.get("Parameters", {}), **given}, **comment)

    def _unset_properties(self, table: dict, words: Words) -> None:
        if_exists = words.take("IF", "EXISTS")
        gone = [unquoted(part) for part in listed(words.group() or "")]
        missing = [name for name in gone if name not in table.get("Parameters", {})]
        if missing and not if_exists:
            raise AnalysisException(f"[UNSET_NONEXISTENT_PROPERTIES] Attempted to unset non-existent properties [{', '.join(f'`{name}`' for name in missing)}] in table "
                                    f"`spark_catalog`.`{table['DatabaseName']}`.`{table['Name']}`.")
        self._update(table, Parameters={key: value for key, value in table.get("Parameters", {}).items() if key not in gone})

    def _set_serde(self, table: dict, given: dict[str, str]) -> None:
        descriptor = table["StorageDescriptor"]
        serde = descriptor.get("SerdeInfo", {})
        self._update(table, StorageDescriptor={**descriptor, "SerdeInfo": {**serde, "Parameters": {**serde.get("Parameters", {}), **given}}})

    def _change_column(self, table: dict, words: Words, text: str) -> None:
        """Only its comment changes."""
        words.take("COLUMN")
        name = (words.name() or "").strip("`").lower()
        column = next((column for column in table["StorageDescriptor"]["Columns"] if column["Name"] == name), None)
        if column is None:
            raise AnalysisException(f"[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `{name}` cannot be resolved.")
        before, comment = split_at_comment(words.rest)
        if before:
            again = columns_of(self._engine, before).fields[0]
            if again.name.lower() != name or again.dataType.simpleString() != column["Type"]:
                raise AnalysisException("[NOT_SUPPORTED_CHANGE_COLUMN] ALTER TABLE ALTER/CHANGE COLUMN is not supported for changing "
                                        f"`spark_catalog`.`{table['DatabaseName']}`.`{table['Name']}`'s column `{name}` with type \"{column['Type'].upper()}\" to "
                                        f"`{again.name}` with type \"{again.dataType.simpleString().upper()}\".")
        if comment is None:
            raise not_covered(text)
        changed = [{**one, "Comment": comment} if one is column else one for one in table["StorageDescriptor"]["Columns"]]
        self._update(table, StorageDescriptor={**table["StorageDescriptor"], "Columns": changed})

    def _repair(self, table: dict, words: Words) -> None:
        how = words.take_any("ADD", "DROP", "SYNC") or "ADD"
        Partitions(self._engine, table).repair(adds=how != "DROP", drops=how != "ADD")

    def _truncate(self, table: dict, words: Words) -> None:
        """The files go; partitions stay known."""
        partitions = Partitions(self._engine, table)
        if not table_facts.is_managed(table):
            raise AnalysisException(f"Operation not allowed: TRUNCATE TABLE on external tables: {partitions.shown}.")
        wanted = partition_values(words.group() or "") if words.take("PARTITION") else None
        if wanted is None and not partitions.keys:
            return remove_files(self._engine, table["StorageDescriptor"]["Location"])
        for partition in partitions.matching(wanted or {}):
            remove_files(self._engine, partition["StorageDescriptor"]["Location"])

    def _alter_database(self, words: Words, text: str) -> None:
        name = words.name() or ""
        if words.take("SET", "DBPROPERTIES") or words.take("SET", "PROPERTIES"):
            known = self._questions.must_get_database(name.strip("`")).get("Parameters", {})
            self._update_database(name, Parameters={**known, **properties(words.group() or "")})
        elif words.take("SET", "LOCATION"):
            self._update_database(name, LocationUri=words.text() or "")
        else:
            raise not_covered(text)

    def _update_database(self, name: str, **changed) -> None:
        base = self._questions.must_get_database(name.strip("`"))
        kept = {member: base[member] for member in ("Name", "Description", "LocationUri", "Parameters") if base.get(member)}
        self._engine.catalog.call("UpdateDatabase", Name=base["Name"], DatabaseInput={**kept, **changed})

    def _drop_database(self, words: Words) -> None:
        if_exists = words.take("IF", "EXISTS")
        name = (words.name() or "").strip("`")
        is_cascade = words.take("CASCADE")
        try:
            self._questions.must_get_database(name)
        except AnalysisException:
            if if_exists:
                return
            raise
        tables = [table for table in self._questions.listTables(name) if not table.isTemporary]
        if tables and not is_cascade:
            raise AnalysisException(f"[SCHEMA_NOT_EMPTY] Cannot drop a schema `{name}` because it contains objects.\nUse DROP SCHEMA ... CASCADE to drop the schema and all its objects.")
        for table in tables:
            self._engine.tables.drop(f"`{name}`.`{table.name}`", if_exists=True)
        self._engine.catalog.call("DeleteDatabase", Name=name.lower())

    def _table(self, words: Words) -> dict:
        return self._engine.catalog.must_get_table(*self._engine.catalog.split(words.name() or ""))

    def _update(self, table: dict, **changed) -> None:
        self._engine.catalog.call("UpdateTable", DatabaseName=table["DatabaseName"], TableInput=table_facts.as_input(table, **changed))


def with_schema(table: dict, change) -> dict[str, str]:
    """The parameters with Spark's own description of the columns changed, where the table has one."""
    parameters = dict(table.get("Parameters", {}))
    if schema_key in parameters:
        parameters[schema_key] = StructType(change(StructType.fromJson(json.loads(parameters[schema_key])).fields)).json()
    return parameters


def unsupported(table: dict, what: str) -> AnalysisException:
    return AnalysisException(f"[UNSUPPORTED_FEATURE.TABLE_OPERATION] The feature is not supported: Table `spark_catalog`.`{table['DatabaseName']}`.`{table['Name']}` does not support {what}. "
                             "Please check the current catalog and namespace to make sure the qualified table name is expected, and also check the catalog implementation which is "
                             "configured by \"spark.sql.catalog\".")


def move_files(engine, source: str, target: str) -> None:
    """All files below one folder come to lie below another, at once."""
    old, new = locate(source.rstrip("/") + "/"), locate(target.rstrip("/") + "/")
    files = engine.lake.list_files(old)
    if old.root.split("://")[1] != new.root.split("://")[1]:
        raise NotImplementedError(f"The embedded engine does not move files from {source} to {target}; the `spark` engine does.")
    folder = engine.new_folder("moved")
    puts = [(new.key + file.key[len(old.key):], shutil.copyfile(path, folder / f"{number:06d}")) for number, (file, path) in enumerate(zip(files, engine.lake.open(files)))]
    engine.lake.commit(new.root, puts, [file.key for file in files])
