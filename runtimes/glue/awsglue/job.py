"""`Job`: between `init` and `commit` a run's sources are watched by its bookmarks; what they read is remembered by `commit` alone."""

from awsglue.bookmarks import NoBookmarks, bookmarks_of
from awsglue.unsupported import Refusing


class Job(Refusing):
    _initialized = False

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def init(self, job_name, args=None):
        self._name = job_name
        self._glue_context.bookmarks = bookmarks_of(self._glue_context.engine, dict(args or {}))
        Job._initialized = True

    @classmethod
    def isInitialized(cls):
        return cls._initialized

    def commit(self):
        self._glue_context.bookmarks.commit()

    def reset(self):
        """What was read since `init` is forgotten, and nothing more is watched."""
        self._glue_context.bookmarks = NoBookmarks(self._glue_context.engine.lake)
        Job._initialized = False

    @classmethod
    def id(cls):
        return argument("--JOB_ID")

    @classmethod
    def runId(cls):
        return argument("--JOB_RUN_ID")


def argument(name: str):
    import sys

    return dict(zip(sys.argv, sys.argv[1:])).get(name)
