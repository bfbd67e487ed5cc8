"""Which places a plan reads from: a write must not replace what it is still reading."""

from pathlib import Path

from igarape_jobs.lake import Location, locate


class Sources:
    def __init__(self):
        self._uris: dict[str, list[str]] = {}
        self._rows: dict[str, int] = {}

    def remember(self, folder: Path, uris: list[str], rows: int) -> None:
        self._uris[str(folder)] = uris
        self._rows[str(folder)] = rows

    def rows(self, plan) -> int:
        """How many rows a plan's scans have; where it names views, those of every scan of the run."""
        if not self._rows:
            return 0
        text = plan.SerializeToString()
        named = [rows for folder, rows in self._rows.items() if folder.encode() in text]
        return sum(named or self._rows.values())

    def reads(self, frame, target: Location) -> bool:
        """A scan is known in a plan by its folder, which no other scan has."""
        plan = frame._plan.to_proto(frame._session.client).SerializeToString()
        read = [uri for folder, uris in self._uris.items() if folder.encode() in plan for uri in uris]
        return any(overlaps(locate(uri), target) for uri in read)


def overlaps(source: Location, target: Location) -> bool:
    same_bucket = source.root.split("://")[1] == target.root.split("://")[1]
    return same_bucket and (source.folder_key == target.folder_key)
