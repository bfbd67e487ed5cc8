"""`Job`: init and commit. Bookmarks are not there yet, so a job that asks for them is refused at `init`."""

from awsglue.unsupported import Refusing, refuse


class Job(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def init(self, job_name, args=None):
        if (args or {}).get("job_bookmark_option", "job-bookmark-disable") == "job-bookmark-enable":
            refuse("Job bookmarks (--job-bookmark-option job-bookmark-enable)")
        self._name = job_name

    def commit(self):
        """Without bookmarks there is no state to keep."""

    def isInitialized(self):
        return hasattr(self, "_name")
