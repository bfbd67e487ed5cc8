"""Reading for DynamicFrames and tables of the Catalog: files become typed pieces as on the embedded engine, and Spark scans these."""

from igarape_jobs import reader

# Days and times of pieces mean what they say, however long ago.
as_they_are = {"datetimeRebaseMode": "CORRECTED", "int96RebaseMode": "CORRECTED"}


class Reader(reader.Reader):
    def _remember(self, folder, parts, uris) -> None:
        """Only the embedded engine looks for its scans in plans."""

    def _scan_folder(self, schema, layout, text_options):
        options = {**text_options, "mode": "PERMISSIVE"} if layout.format == "csv" else as_they_are
        place = self._engine.exchange.shown(layout.folder)
        return self._engine.session.read.format(layout.format).schema(schema).options(**options).load(place)
