"""Writing for DynamicFrames and the Catalog's tables: Spark writes its own formats; formats that it lacks are written here."""

from pathlib import PurePosixPath

from igarape_jobs import writer
from igarape_jobs.lake import Location, is_local, locate


class Writer(writer.Writer):
    def save(self, frame, uri, format, mode, partition_columns, given):
        target = locate(uri)
        options = {name: value for name, value in given.items() if name.lower() != "path"}
        before = {file.key: file for file in self._files(target)}
        frame.write.format(format).mode(mode).partitionBy(*partition_columns).options(**options).save(target.uri)
        new = [file for file in self._files(target) if before.get(file.key) != file and not PurePosixPath(file.key).name.startswith("_")]
        folders = dict.fromkeys(file.key[len(target.folder_key):].rpartition("/")[0] for file in new)
        return writer.Written(target, [folder for folder in folders if folder], 0)

    def _files(self, target: Location):
        return [] if is_local(target.root) else self._engine.lake.list_files(Location(target.root, target.folder_key))

    def _staged_by_engine(self, frame, output, spellings, write_id, rows_per_file):
        """Spark's own files are written where they belong."""

    def _tasks_of(self, frame) -> int:
        return 1
