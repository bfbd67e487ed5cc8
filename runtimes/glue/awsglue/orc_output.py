"""The writer's output of ORC files."""

import pyarrow

compressions = {"snappy": "snappy", "zlib": "zlib", "none": "uncompressed", "uncompressed": "uncompressed", "zstd": "zstd", "lz4": "lz4"}


class OrcOutput:
    def __init__(self, compression: str):
        if compression not in compressions:
            raise NotImplementedError(f"awsglue: ORC with compression {compression} is not implemented by Igarapé.")
        self._compression = compressions[compression]
        self.extension = ".orc" if self._compression == "uncompressed" else f".{compression}.orc"

    def open(self, path, schema: pyarrow.Schema):
        return OrcFile(path, schema, self._compression)


class OrcFile:
    def __init__(self, path, schema: pyarrow.Schema, compression: str):
        import pyarrow.orc

        self._schema = schema
        self._writer = pyarrow.orc.ORCWriter(str(path), compression=compression)
        self._is_empty = True

    def write(self, table: pyarrow.Table) -> None:
        # The writer looks past the beginning of a slice's nested columns, so it is given no slice.
        self._writer.write(table.take(pyarrow.array(range(table.num_rows), pyarrow.int64())))
        self._is_empty = False

    def close(self) -> None:
        # The writer learns the columns from its first table.
        if self._is_empty:
            self._writer.write(self._schema.empty_table())
        self._writer.close()
