"""Records that a step could not carry on: they are left out, counted, and can be looked at."""

import sys
import traceback

kept_max = 1_000


class ErrorRecords:
    """Errors of the last step and of all before it."""

    def __init__(self, before: "ErrorRecords | None" = None):
        self.total = before.total if before else 0
        self.stage = 0
        self.records = list(before.records) if before else []

    def add(self, record: dict, error: BaseException, step: str) -> None:
        self.total += 1
        self.stage += 1
        if self.stage == 1:
            print(f"{step}: a record failed, and is left out: {type(error).__name__}: {error}", file=sys.stderr)
        if len(self.records) < kept_max:
            trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            self.records.append({"error": {"msg": f"{type(error).__name__}: {error}", "stackTrace": trace, "source": step, "dynamicRecord": dict(record)}})

    def check(self, stage_threshold: int, total_threshold: int) -> None:
        """A threshold of zero means none."""
        if stage_threshold and self.stage >= stage_threshold or total_threshold and self.total >= total_threshold:
            raise ErrorThresholdReached(f"{self.stage} records failed in this step and {self.total} in all: the threshold of errors is reached.")


class ErrorThresholdReached(Exception):
    pass
