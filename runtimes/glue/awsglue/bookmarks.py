"""Bookmarks: which files a source has read before. The state is the server's; this side asks it for what is new, remembers
what was read, and hands that over when the job commits.
"""

from contextlib import contextmanager

from awsglue.unsupported import refuse
from igarape_jobs.lake import Location, StoredFile, bucket_of, is_local


class NoBookmarks:
    """A job without them, or before `Job.init`: every run reads everything."""

    def __init__(self, lake):
        self._lake = lake

    @contextmanager
    def reading(self, _transformation_ctx):
        yield Reading(self._lake)

    @contextmanager
    def keys(self, _transformation_ctx, _place):
        yield KeyReading()

    def commit(self) -> None:
        """There is nothing to remember."""


class Reading:
    """One source's look at its files."""

    def __init__(self, lake):
        self.lake = lake

    def took(self, files: list[StoredFile]) -> None:
        """Told which of them the source reads."""


class KeyReading:
    """One source's look at a database's table: from where, and up to where, by the keys that it is told apart by."""

    def __init__(self, watches=False, after: dict | None = None, until: dict | None = None, reached=lambda _mark: None):
        self.watches, self.after, self.until, self.reached = watches, after, until, reached


class Bookmarks:
    def __init__(self, host, lake, args: dict):
        self._host, self._lake = host, lake
        self._pauses = args["job_bookmark_option"] == "job-bookmark-pause"
        self._range = {"from": args.get("job_bookmark_from"), "to": args.get("job_bookmark_to")}
        if (self._range["from"] is None) != (self._range["to"] is None):
            raise ValueError("job-bookmark-from and job-bookmark-to are given both or not at all.")
        if self._range["from"] and not self._pauses:
            raise ValueError("job-bookmark-from and job-bookmark-to need the option job-bookmark-pause.")
        self._read: dict[str, list[dict]] = {}
        self._marks: dict[str, dict[str, dict]] = {}
        self._version = host.call("bookmarks.begin")["version"]

    @contextmanager
    def reading(self, transformation_ctx):
        # Without a transformation_ctx a source has no bookmark.
        yield BookmarkedReading(self, transformation_ctx) if transformation_ctx else Reading(self._lake)

    @contextmanager
    def keys(self, transformation_ctx, place: str):
        if not transformation_ctx:
            yield KeyReading()
            return
        wanted = {name: run for name, run in self._range.items() if run}
        marks = self._host.call("bookmarks.keys", source=transformation_ctx, place=place, **wanted)
        here = self._marks.get(transformation_ctx, {}).get(place)

        def reached(mark: dict) -> None:
            self._marks.setdefault(transformation_ctx, {})[place] = mark

        yield KeyReading(True, here or marks.get("after"), marks.get("until"), reached)

    def new_files(self, transformation_ctx: str, location: Location) -> dict:
        wanted = {name: run for name, run in self._range.items() if run}
        return self._host.call("bookmarks.list", source=transformation_ctx, bucket=bucket_of(location.root), prefix=location.key, **wanted)

    def remember(self, transformation_ctx: str, files: list[dict]) -> None:
        self._read.setdefault(transformation_ctx, []).extend(files)

    def commit(self) -> None:
        if self._pauses:
            return
        self._version = self._host.call("bookmarks.commit", version=self._version, sources=self._read, keys=self._marks)["version"]
        self._read, self._marks = {}, {}


class BookmarkedReading(Reading):
    def __init__(self, bookmarks: Bookmarks, transformation_ctx: str):
        super().__init__(BookmarkedLake(bookmarks, transformation_ctx))
        self._bookmarks, self._ctx = bookmarks, transformation_ctx

    def took(self, files: list[StoredFile]) -> None:
        self._bookmarks.remember(self._ctx, [self.lake.listed[file.uri] for file in files])


class BookmarkedLake:
    """The lake without the files that were read before."""

    def __init__(self, bookmarks: Bookmarks, transformation_ctx: str):
        self._bookmarks, self._ctx = bookmarks, transformation_ctx
        # What the server wants to hear of a file that was read.
        self.listed: dict[str, dict] = {}

    def list_files(self, location: Location) -> list[StoredFile]:
        if is_local(location.root):
            refuse("a bookmark over files of this machine")
        answer = self._bookmarks.new_files(self._ctx, location)
        found = []
        for file in answer["files"]:
            stored = StoredFile(location.root, file["key"], file["bytes"], file["modifiedAt"] / 1000)
            self.listed[stored.uri] = {"place": answer["place"], "modifiedAt": file["modifiedAt"], "id": file["id"]}
            found.append(stored)
        return found


def bookmarks_of(engine, args: dict):
    option = args.get("job_bookmark_option") or "job-bookmark-disable"
    if option == "job-bookmark-disable":
        return NoBookmarks(engine.lake)
    return Bookmarks(engine.host, engine.lake, {**args, "job_bookmark_option": option})
