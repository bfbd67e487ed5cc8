"""Whether every line of a large file is of one shape, by a regular expression that RE2 takes over the bytes once: nothing is parsed,
and no row is made. Where a file passes, the engine's own parser reads the same as Spark's."""

import mmap
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute as compute

part_bytes = 4 << 20
parts_at_once = 8
binary = pyarrow.large_binary()


def rows_of_file(path: Path, rows_of: Callable[[pyarrow.Buffer], int | None]) -> int | None:
    """The rows of all parts, some at once; None as soon as one part has none to tell."""
    rows = 0
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        looks = parts(path)
        while batch := [part for _, part in zip(range(parts_at_once), looks)]:
            counts = list(pool.map(rows_of, batch))
            if None in counts:
                return None
            rows += sum(counts)
    return rows


def parts(path: Path) -> Iterator[pyarrow.Buffer]:
    """Whole lines, some megabytes at a time, as they lie in the file; a longer line is a part of its own."""
    with open(path, "rb") as file:
        # It is closed with the last part that points into it.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    whole, at = pyarrow.py_buffer(mapped), 0
    while at < len(mapped):
        end = mapped.rfind(b"\n", at, at + part_bytes) + 1 or mapped.find(b"\n", at) + 1 or len(mapped)
        yield whole.slice(at, end - at)
        at = end
        # What was looked at need not stay in memory; who still wants it reads it again.
        done = (at - 2 * parts_at_once * part_bytes) // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        if done > 0:
            mapped.madvise(mmap.MADV_DONTNEED, 0, done)


class LineShape:
    """`line` is a pattern of RE2 over bytes, in which no newline is."""

    def __init__(self, line: str):
        self._options = compute.MatchSubstringOptions(rf"\A(?:{line}\r?\n)*(?:{line})?\z")

    def rows(self, part: pyarrow.Buffer) -> int | None:
        """How many lines there are, if each is of the shape and all is UTF-8."""
        ends = pyarrow.py_buffer(numpy.array([0, part.size], dtype=numpy.int64))
        text = pyarrow.Array.from_buffers(binary, 1, [None, ends, part])
        if not compute.match_substring_regex(text, options=self._options)[0].as_py() or not is_utf8(part):
            return None
        data = numpy.frombuffer(part, dtype=numpy.uint8)
        return int(numpy.count_nonzero(data == ord("\n"))) + int(data[-1] != ord("\n"))


def is_utf8(part: pyarrow.Buffer | bytes) -> bool:
    ends = pyarrow.py_buffer(numpy.array([0, len(part)], dtype=numpy.int32))
    try:
        pyarrow.Array.from_buffers(pyarrow.string(), 1, [None, ends, pyarrow.py_buffer(part)]).validate(full=True)
    except pyarrow.ArrowInvalid:
        return False
    return True
