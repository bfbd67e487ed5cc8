"""Where data lies: objects of S3, which the server links into the run's folder, and files of this machine.

Both sides look alike to the reader and the writer: list what is under a prefix, open some of it as local files, commit
staged files under keys. No object's bytes pass through the socket.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StoredFile:
    """`uri` is its whole address; `key` what follows the root, with no slash before it."""

    root: str
    key: str
    bytes: int
    modified_at: float

    @property
    def uri(self) -> str:
        return f"{self.root}{self.key}"


@dataclass(frozen=True)
class Location:
    """An address split at its root: `s3://bucket/` and a key, or `file:///` and a path."""

    root: str
    key: str

    @property
    def uri(self) -> str:
        return f"{self.root}{self.key}"

    @property
    def folder_key(self) -> str:
        return self.key if not self.key or self.key.endswith("/") else f"{self.key}/"


def locate(uri: str) -> Location:
    bucket = re.match(r"s3[an]?://([^/]+)/?", uri)
    if bucket:
        # The root keeps the script's own scheme: input_file_name and errors show it so.
        return Location(f"{uri.split('://')[0]}://{bucket[1]}/", uri[bucket.end():])
    if "://" in uri and not uri.startswith("file://"):
        raise NotImplementedError(f"The embedded engine reads and writes s3:// and file:// addresses, not {uri}.")
    path = os.path.abspath(re.sub(r"^file:(//)?", "", uri))
    return Location("file:///", path.lstrip("/") + ("/" if uri.endswith("/") else ""))


class Lake:
    def __init__(self, host, engine):
        self._host = host
        self._engine = engine

    def list_files(self, location: Location) -> list[StoredFile]:
        """All files whose key begins with the location's key, in the order of their keys."""
        if is_local(location.root):
            return list_local(location)
        answer = self._host.call("lake.list", bucket=bucket_of(location.root), prefix=location.key)
        return [StoredFile(location.root, file["key"], file["bytes"], file["modifiedAt"] / 1000) for file in answer["files"]]

    def open(self, files: list[StoredFile]) -> list[Path]:
        """Local files with the objects' bytes, one for each, which stay as they are until the run ends."""
        local = {file.uri: Path("/", file.key) for file in files if is_local(file.root)}
        for root in {file.root for file in files if not is_local(file.root)}:
            keys = [file.key for file in files if file.root == root]
            folder = self._engine.new_folder("open")
            answer = self._host.call("lake.open", bucket=bucket_of(root), keys=keys, folder=str(folder))
            local.update({f"{root}{file['key']}": folder / file["path"] for file in answer["files"]})
        return [local[file.uri] for file in files]

    def commit(self, root: str, puts: list[tuple[str, Path]], deletes: list[str]) -> None:
        """All the staged files become objects, and the deleted ones go, at once, with their events."""
        if is_local(root):
            commit_local(puts, deletes)
        else:
            staged = [{"key": key, "path": str(path)} for key, path in puts]
            self._host.call("lake.commit", bucket=bucket_of(root), puts=staged, deletes=deletes)


def is_local(root: str) -> bool:
    return root.startswith("file:")


def bucket_of(root: str) -> str:
    return root.split("://")[1].rstrip("/")


def list_local(location: Location) -> list[StoredFile]:
    path = Path("/", location.key)
    if path.is_file():
        found = [path]
    else:
        start = path if path.is_dir() else path.parent
        found = [Path(folder, name) for folder, _, names in os.walk(start) for name in names]
    prefix = location.key
    keyed = [(str(file).lstrip("/"), file.stat()) for file in found if str(file).lstrip("/").startswith(prefix)]
    return [StoredFile(location.root, key, stat.st_size, stat.st_mtime) for key, stat in sorted(keyed)]


def commit_local(puts: list[tuple[str, Path]], deletes: list[str]) -> None:
    for key in deletes:
        Path("/", key).unlink(missing_ok=True)
    for key, staged in puts:
        target = Path("/", key)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(staged, target)
