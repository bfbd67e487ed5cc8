"""Writing for DynamicFrames and the Catalog's tables: Spark writes its own formats; formats that it lacks are written here."""

from pathlib import PurePosixPath
from urllib.parse import unquote

from igarape_jobs import writer
from igarape_jobs.lake import Location, locate
from igarape_jobs.options import Options
from pyspark.errors import AnalysisException


class Writer(writer.Writer):
    def save(self, frame, uri, format, mode, partition_columns, given, buckets=None):
        if buckets:
            raise NotImplementedError("Buckets are not covered for tables of the Data Catalog.")
        target = locate(uri)
        options = {name: value for name, value in given.items() if name.lower() != "path"}
        is_dynamic = mode == "overwrite" and bool(partition_columns) and self._is_dynamic(Options(format, given))
        if mode == "overwrite" and not is_dynamic and reads(frame, target):
            raise AnalysisException(f"[UNSUPPORTED_OVERWRITE.PATH] Can't overwrite the target that is also being read from. Path {uri}.")
        before = {file.key: file for file in self._files(target)}
        frame.write.format(format).mode(mode).partitionBy(*partition_columns).options(**options).save(target.uri)
        new = [file for file in self._files(target) if before.get(file.key) != file and not PurePosixPath(file.key).name.startswith("_")]
        folders = dict.fromkeys(file.key[len(target.folder_key):].rpartition("/")[0] for file in new)
        return writer.Written(target, [folder for folder in folders if folder], is_dynamic)

    def _files(self, target: Location):
        return self._engine.lake.list_files(Location(target.root, target.folder_key))

    def _may_be_staged(self, frame) -> bool:
        return False

    def _tasks_of(self, frame) -> int:
        return 1


def reads(frame, target: Location) -> bool:
    """Spark knows a table that it overwrites from itself, but not the files of one by their path: it deletes them, and then looks for them."""
    folder = plain_address(target.uri.rstrip("/")) + "/"
    return any(plain_address(file).startswith(folder) for file in frame.inputFiles())


def plain_address(uri: str) -> str:
    """Whichever of its names S3 goes by."""
    scheme, _, rest = unquote(uri).partition(":")
    return f"{scheme.replace('s3a', 's3').replace('s3n', 's3')}:{'/' + rest.lstrip('/')}"
