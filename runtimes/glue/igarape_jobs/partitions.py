"""A table's partitions in the Catalog, as statements name them: found, added, dropped, renamed, and brought in line with the folders that there are."""

from pyspark.errors import AnalysisException

from igarape_jobs import paths
from igarape_jobs.lake import Location, locate
from igarape_jobs.partition_types import escape

whole_types = ("tinyint", "smallint", "int", "bigint")
created_at_once, deleted_at_once = 100, 25


class Partitions:
    def __init__(self, engine, table: dict):
        self._engine = engine
        self._table = table
        self._database = table["DatabaseName"]
        self.keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        self._whole = {key["Name"] for key in table.get("PartitionKeys", []) if key["Type"].lower() in whole_types}

    @property
    def shown(self) -> str:
        return f"`spark_catalog`.`{self._database}`.`{self._table['Name']}`"

    def must_exist(self) -> None:
        if not self.keys:
            raise AnalysisException(f"[INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY] The partition command is invalid. Table {self.shown} is not partitioned.")

    def all(self) -> list[dict]:
        return self._engine.catalog.partitions(self._table)

    def matching(self, wanted: dict[str, str]) -> list[dict]:
        """Those that have these values."""
        self._check_keys(list(wanted))
        return [partition for partition in self.all() if self._fits(partition, wanted)]

    def named(self, given: dict[str, str]) -> list[str]:
        """The values of one partition, which all its keys name."""
        self._check_keys(list(given))
        lower = {key.lower(): value for key, value in given.items()}
        if set(lower) != set(self.keys):
            raise AnalysisException(f"[_LEGACY_ERROR_TEMP_1232] Partition spec is invalid. The spec ({', '.join(lower)}) must match the partition spec "
                                    f"({', '.join(self.keys)}) defined in table '{self.shown}'.")
        return [str(self._value(key, lower[key])) for key in self.keys]

    def folder(self, values: list[str]) -> str:
        """`k=x/l=1`, as the files of a partition lie below the table's."""
        return "/".join(f"{escape(key)}={escape(None if value == paths.null_partition else value)}" for key, value in zip(self.keys, values))

    def location(self, values: list[str]) -> str:
        return f"{self._table['StorageDescriptor']['Location'].rstrip('/')}/{self.folder(values)}/"

    def add(self, places: list[tuple[list[str], str]], if_not_exists: bool) -> None:
        """Each partition's values, and where its files lie."""
        known = {tuple(partition["Values"]) for partition in self.all()}
        there = [values for values, _ in places if tuple(values) in known]
        if there and not if_not_exists:
            raise AnalysisException(f"[PARTITIONS_ALREADY_EXIST] Cannot ADD or RENAME TO partition(s) PARTITION ({self._words(there[0])}) in table "
                                    f"`{self._database}`.`{self._table['Name']}` because they already exist.")
        descriptor = self._table["StorageDescriptor"]
        inputs = [{"Values": values, "StorageDescriptor": {**descriptor, "Location": place}} for values, place in places if tuple(values) not in known]
        for start in range(0, len(inputs), created_at_once):
            self._call("BatchCreatePartition", PartitionInputList=inputs[start:start + created_at_once])

    def drop(self, partitions: list[dict], with_files: bool) -> None:
        for start in range(0, len(partitions), deleted_at_once):
            self._call("BatchDeletePartition", PartitionsToDelete=[{"Values": partition["Values"]} for partition in partitions[start:start + deleted_at_once]])
        if with_files:
            for partition in partitions:
                remove_files(self._engine, partition["StorageDescriptor"]["Location"])

    def change(self, partition: dict, values: list[str] | None = None, location: str | None = None) -> None:
        descriptor = {**partition["StorageDescriptor"], **({"Location": location} if location else {})}
        self._call("UpdatePartition", PartitionValueList=partition["Values"],
                   PartitionInput={"Values": values or partition["Values"], "StorageDescriptor": descriptor, "Parameters": partition.get("Parameters", {})})

    def repair(self, adds: bool = True, drops: bool = False) -> None:
        """Registers the folders that are partitions' and are not known; takes out those that are known and have no folder."""
        if not self.keys:
            raise AnalysisException(f"[NOT_A_PARTITIONED_TABLE] Operation MSCK REPAIR TABLE is not allowed for {self.shown} because it is not a partitioned table.")
        root = locate(self._table["StorageDescriptor"]["Location"].rstrip("/") + "/")
        lying = self._lying(root)
        if adds:
            self.add([(list(values), f"{root.uri}{folder}/") for values, folder in lying.items()], if_not_exists=True)
        if drops:
            self.drop([partition for partition in self.all() if tuple(partition["Values"]) not in lying and self._has_no_files(root, partition)], with_files=False)

    def _lying(self, root: Location) -> dict[tuple[str, ...], str]:
        found: dict[tuple[str, ...], str] = {}
        for file in self._engine.lake.list_files(root):
            folders = file.key[len(root.key):].split("/")[:len(self.keys)]
            pairs, _ = paths.partition_of(folders)
            if [name.lower() for name, _ in pairs] == self.keys:
                found.setdefault(tuple(paths.null_partition if text is None else text for _, text in pairs), "/".join(folders))
        return found

    def _has_no_files(self, root: Location, partition: dict) -> bool:
        return not self._engine.lake.list_files(locate(partition["StorageDescriptor"].get("Location", root.uri).rstrip("/") + "/"))

    def _check_keys(self, names: list[str]) -> None:
        self.must_exist()
        unknown = [name for name in names if name.lower() not in self.keys]
        if unknown:
            raise AnalysisException(f"[_LEGACY_ERROR_TEMP_1231] {unknown[0]} is not a valid partition column in table {self.shown}.")

    def _fits(self, partition: dict, wanted: dict[str, str]) -> bool:
        own = dict(zip(self.keys, partition["Values"]))
        return all(self._value(key.lower(), own[key.lower()]) == self._value(key.lower(), value) for key, value in wanted.items())

    def _value(self, key: str, text: str):
        return int(text) if key in self._whole and text != paths.null_partition else text

    def _words(self, values: list[str]) -> str:
        return ", ".join(f"`{key}` = {value}" for key, value in zip(self.keys, values))

    def not_found(self, wanted: dict[str, str]) -> AnalysisException:
        said = ", ".join(f"`{key}` = {value}" for key, value in wanted.items())
        return AnalysisException(f"[PARTITIONS_NOT_FOUND] The partition(s) PARTITION ({said}) cannot be found in table `{self._database}`.`{self._table['Name']}`.\n"
                                 "To tolerate the error on drop use ALTER TABLE … DROP IF EXISTS PARTITION.")

    def _call(self, operation: str, **input) -> dict:
        answer = self._engine.catalog.call(operation, DatabaseName=self._database, TableName=self._table["Name"], **input)
        errors = [error for error in (answer or {}).get("Errors", []) if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
        if errors:
            raise AnalysisException(f"{operation} of {self._database}.{self._table['Name']} failed: {errors[0]['ErrorDetail']}")
        return answer


def remove_files(engine, location: str) -> None:
    place = locate(location.rstrip("/") + "/")
    engine.lake.commit(place.root, [], [file.key for file in engine.lake.list_files(place)])
