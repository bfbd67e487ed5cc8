"""`Job` without bookmarks: on the spark engine a script's sources are read whole."""

from awsglue.unsupported import Refusing, refuse


class Job(Refusing):
    _initialized = False

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def init(self, job_name, args=None):
        import sys

        if "job-bookmark-enable" in sys.argv:
            refuse("job-bookmark-enable on the spark engine", "The embedded engine has bookmarks (--igarape-engine sail).")
        Job._initialized = True

    @classmethod
    def isInitialized(cls):
        return cls._initialized

    def commit(self):
        """Nothing is remembered without bookmarks."""
