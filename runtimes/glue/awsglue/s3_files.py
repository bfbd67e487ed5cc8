"""Which objects a source over S3 means: its paths and partitions, `recurse`, `exclusions`, bounds, and what a bookmark leaves."""

import json
import re

from pyspark.errors import AnalysisException

from awsglue.unsupported import refuse
from igarape_jobs import paths
from igarape_jobs.paths import Found

# Options that change speed or grouping, never the rows.
harmless = {"groupfiles", "groupsize", "batchsize", "maxband", "maxfilesinband", "maxsamplefiles", "samplefraction", "inputformat",
            "usesparkdatasource", "optimizeperformance", "usecataloglogschema", "jobbookmarkkeys", "jobbookmarkkeyssortorder"}
known = {"paths", "path", "recurse", "exclusions", "attachfilename", "boundedfiles", "boundedsize", "compressiontype"}


class FileOptions:
    def __init__(self, given: dict, what: str):
        options = {name.lower(): value for name, value in given.items()}
        for name, original in zip(options, given):
            if name not in harmless | known:
                refuse(f"{what} with the option {original}")
        self.recurse = is_true(options.get("recurse"))
        self.exclusions = [exclusion(text) for text in listed(options.get("exclusions"))]
        self.filename_column = options.get("attachfilename")
        self.files_max = int(options.get("boundedfiles") or 0)
        self.bytes_max = int(options.get("boundedsize") or 0)
        self.compression = options.get("compressiontype") or ""
        if self.compression not in ("", "gzip", "bzip2"):
            refuse(f"{what} with compressionType={self.compression!r}")
        uris = options.get("paths") or options.get("path") or []
        self.uris = [uris] if isinstance(uris, str) else list(uris)


def is_true(value) -> bool:
    return value is True or str(value).lower() == "true"


def listed(value) -> list[str]:
    """A list, or the text of a JSON list."""
    return json.loads(value) if isinstance(value, str) and value else list(value or [])


def exclusion(glob: str) -> re.Pattern:
    """Unix-style: `*` stays within a folder, `**` does not."""
    out, at = "", 0
    while at < len(glob):
        char = glob[at]
        if glob.startswith("**", at):
            out += ".*"
            at += 1
        elif char in "*?":
            out += "[^/]*" if char == "*" else "[^/]"
        elif char == "[" and "]" in glob[at + 1:]:
            end = glob.index("]", at + 1)
            out += "[" + glob[at + 1:end].replace("!", "^", 1) + "]"
            at = end
        elif char in "{},":
            out += {"{": "(?:", "}": ")", ",": "|"}[char] if "{" in glob else re.escape(char)
        else:
            out += re.escape(char)
        at += 1
    return re.compile(out)


def find_files(lake, options: FileOptions) -> Found:
    """Glue reads a folder's own files unless `recurse` says so; folders named column=value count as partitions either way."""
    found = Found([])
    for uri in options.uris:
        found = joined(found, kept(files_under(lake, uri, options.recurse), uri, options))
    return found


def files_under(lake, uri: str, recurse: bool) -> Found:
    try:
        found = paths.find(lake, [uri], {})
        if not recurse or found.partition_columns:
            return found
        return paths.find(lake, [uri], {"recursivefilelookup": "true"})
    except AnalysisException as error:
        # A DynamicFrame over nothing is empty; Spark's reader would fail.
        if "PATH_NOT_FOUND" in str(error):
            return Found([])
        raise


def kept(found: Found, uri: str, options: FileOptions) -> Found:
    wanted = [index for index, file in enumerate(found.files) if not is_excluded(file, uri, options.exclusions)]
    return chosen(found, wanted)


def is_excluded(file, uri: str, exclusions: list[re.Pattern]) -> bool:
    names = (file.uri, file.key, file.uri[len(uri):].lstrip("/"))
    return any(pattern.fullmatch(name) for pattern in exclusions for name in names)


def chosen(found: Found, indexes: list[int]) -> Found:
    texts = [found.partition_texts[index] for index in indexes] if found.partition_texts else []
    return Found([found.files[index] for index in indexes], found.partition_columns, texts)


def joined(one: Found, other: Found) -> Found:
    """Files of several paths; a partition that one of them does not have is null there."""
    names = list(dict.fromkeys([*one.partition_columns, *other.partition_columns]))
    texts = []
    for found in (one, other):
        for index in range(len(found.files)):
            values = dict(zip(found.partition_columns, found.partition_texts[index])) if found.partition_columns else {}
            texts.append(tuple(values.get(name) for name in names))
    return Found([*one.files, *other.files], names, texts if names else [])


def bounded(found: Found, options: FileOptions) -> Found:
    """The oldest files first, as many as the bounds let through; at least one, lest a large one stop everything for good."""
    if not options.files_max and not options.bytes_max:
        return found
    order = sorted(range(len(found.files)), key=lambda index: (found.files[index].modified_at, found.files[index].key))
    taken, size = [], 0
    for index in order[:options.files_max or None]:
        size += found.files[index].bytes
        if taken and options.bytes_max and size > options.bytes_max:
            break
        taken.append(index)
    return chosen(found, sorted(taken))


def with_filename(found: Found, column: str | None) -> Found:
    """Where each row comes from is a partition like others: one of each file."""
    if not column:
        return found
    texts = found.partition_texts or [()] * len(found.files)
    return Found(found.files, [*found.partition_columns, column], [(*values, file.uri) for values, file in zip(texts, found.files)])
