"""`df.write` into tables of the Data Catalog: a writer keeps what it was told, since Spark's own does not show it."""

from igarape_jobs.tables import Wanted
from igarape_jobs.writer import forbid_partition_by, mode_of


def install(engine, writer_class, frame_class, frame_of) -> None:
    note_what_is_told(writer_class)
    plain_save, plain_insert = writer_class.saveAsTable, writer_class.insertInto

    def save_as_table(self, name, format=None, mode=None, partitionBy=None, **options):
        if not engine.catalog.enabled:
            return plain_save(self, name, format, mode, partitionBy, **options)
        self.mode(mode).options(**options)
        if format is not None:
            self.format(format)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        given = told(self)
        refuse_buckets(given)
        options = {key: str(value) for key, value in given["options"].items() if key != "path"}
        engine.tables.save(frame_of(self), name, given["mode"], Wanted(given["format"].lower(), given["keys"], options, given["options"].get("path")))

    def insert_into(self, tableName, overwrite=None):
        if not engine.catalog.enabled:
            return plain_insert(self, tableName, overwrite)
        given = told(self)
        forbid_partition_by(given["keys"])
        refuse_buckets(given)
        engine.tables.insert(frame_of(self), tableName, given["mode"] == "overwrite" if overwrite is None else overwrite)

    writer_class.saveAsTable = save_as_table
    writer_class.insertInto = insert_into
    frame_class.writeTo = refusing(engine, "DataFrame.writeTo", frame_class.writeTo)


def told(writer) -> dict:
    return writer.__dict__.setdefault("_told", {"format": "parquet", "mode": "error", "keys": [], "options": {}, "buckets": False})


def note_what_is_told(writer_class) -> None:
    def noting(name, note):
        plain = getattr(writer_class, name)

        def noted(self, *arguments, **named):
            note(told(self), *arguments, **named)
            return plain(self, *arguments, **named)

        setattr(writer_class, name, noted)

    noting("format", lambda told, source: told.update(format=source))
    noting("mode", lambda told, saveMode: told.update(mode=mode_of(saveMode)) if saveMode else None)
    noting("option", lambda told, key, value: told["options"].update({key: value}))
    noting("options", lambda told, **options: told["options"].update(options))
    noting("partitionBy", lambda told, *keys: told.update(keys=[key for some in keys for key in ([some] if isinstance(some, str) else some)]))
    noting("bucketBy", lambda told, *_columns, **_named: told.update(buckets=True))
    noting("sortBy", lambda told, *_columns, **_named: told.update(buckets=True))


def refuse_buckets(given: dict) -> None:
    if given["buckets"]:
        raise NotImplementedError("bucketBy and sortBy are not covered for tables of the Data Catalog.")


def refusing(engine, name: str, plain):
    """Spark would keep the table to itself."""
    def refused(self, *arguments, **named):
        if engine.catalog.enabled:
            raise NotImplementedError(f"{name} is not covered for tables of the Data Catalog; df.write.saveAsTable and df.write.insertInto are.")
        return plain(self, *arguments, **named)

    return refused
