"""What a run has read and written, for its metrics and its trace."""

import itertools


class Counts:
    """`tell` is given them after each read and write."""

    def __init__(self, tell=None):
        self._tell = tell or (lambda _counts: None)
        self.rows_read = self.bytes_read = self.files_read = 0
        self.rows_written = self.bytes_written = self.files_written = 0
        self._folders = itertools.count(1)

    def read(self, rows: int, bytes: int, files: int) -> None:
        self.rows_read += rows
        self.bytes_read += bytes
        self.files_read += files
        self._tell(self)

    def written(self, rows: int, bytes: int, files: int) -> None:
        self.rows_written += rows
        self.bytes_written += bytes
        self.files_written += files
        self._tell(self)

    def next_folder(self) -> int:
        return next(self._folders)

    def finished(self) -> dict:
        """The last of them."""
        return self.as_json()

    def as_json(self) -> dict:
        return {
            "rowsRead": self.rows_read,
            "bytesRead": self.bytes_read,
            "filesRead": self.files_read,
            "rowsWritten": self.rows_written,
            "bytesWritten": self.bytes_written,
            "filesWritten": self.files_written,
        }
