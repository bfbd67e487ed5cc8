"""Which files a read means: globs, hidden files, missing paths, partition folders, all as Spark's file index has it."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote

from pyspark.errors import AnalysisException

from igarape_jobs.host import HostError
from igarape_jobs.lake import Lake, Location, StoredFile, is_local, locate

null_partition = "__HIVE_DEFAULT_PARTITION__"


@dataclass
class Found:
    """Files to read, each with the text of its partition values (None is null), in the order of the columns."""

    files: list[StoredFile]
    partition_columns: list[str] = field(default_factory=list)
    partition_texts: list[tuple[str | None, ...]] = field(default_factory=list)


def find(lake: Lake, uris: list[str], options: dict[str, str]) -> Found:
    recursive = options.get("recursivefilelookup", "false").lower() == "true"
    base_path = options.get("basepath")
    placed: list[tuple[StoredFile, list[str], str]] = []
    for uri in uris:
        for root, files in roots_of(lake, locate(uri)):
            base = locate(base_path).folder_key if base_path else root
            placed.extend((file, file.key[len(base):].split("/")[:-1], base) for file in files
                          if file.key.startswith(base) and is_wanted(file, root, options))
    if recursive:
        return Found([file for file, _, _ in placed])
    return with_partitions(placed)


def roots_of(lake: Lake, location: Location) -> list[tuple[str, list[StoredFile]]]:
    """The files and folders that an address names, each folder with all that lies under it."""
    if is_glob(location.key):
        fixed = location.key[: re.search(r"[*?\[{\\]", location.key).start()]
        pattern = glob_pattern(location.key.rstrip("/"))
    else:
        fixed = location.key.rstrip("/")
        pattern = re.compile(re.escape(fixed))
    roots: dict[str, list[StoredFile]] = {}
    depth = location.key.rstrip("/").count("/") + 1
    for file in list_or_missing(lake, Location(location.root, fixed)):
        components = file.key.split("/")
        named = "/".join(components[:depth]) if fixed or is_glob(location.key) else ""
        if not pattern.fullmatch(named):
            continue
        # A file that is named itself has the folder it lies in as its base, so that no part of its path is a partition.
        is_folder = named == "" or len(components) > depth
        root = f"{named}/" if named and is_folder else "/".join(components[:-1] + [""]) if not is_folder else ""
        roots.setdefault(root, []).append(file)
    if not roots and not is_empty_folder(location):
        raise path_not_found(location)
    return list(roots.items())


def is_empty_folder(location: Location) -> bool:
    """S3 has no folders; this machine has."""
    return is_local(location.root) and Path("/", location.key).is_dir()


def list_or_missing(lake: Lake, location: Location) -> list[StoredFile]:
    try:
        return lake.list_files(location)
    except HostError as error:
        if error.code == "NoSuchBucket":
            raise AnalysisException(f"The specified bucket does not exist: {location.root}") from None
        raise


def path_not_found(location: Location) -> AnalysisException:
    return AnalysisException(f"[PATH_NOT_FOUND] Path does not exist: {location.uri}.")


def is_glob(key: str) -> bool:
    return bool(re.search(r"[*?\[{]", key))


def glob_pattern(glob: str) -> re.Pattern:
    """Hadoop's globs: `*` and `?` within one component, `[abc]`, `[^a]`, `{a,b}`, and a backslash before what is meant."""
    out, depth, at = "", 0, 0
    while at < len(glob):
        char = glob[at]
        if char == "\\" and at + 1 < len(glob):
            at += 1
            out += re.escape(glob[at])
        elif char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[" and "]" in glob[at:]:
            end = glob.index("]", at + 2) if "]" in glob[at + 2:] else glob.index("]", at)
            out += "[" + glob[at + 1:end].replace("!", "^", 1).replace("\\", "\\\\") + "]"
            at = end
        elif char == "{":
            depth += 1
            out += "(?:"
        elif char == "}" and depth:
            depth -= 1
            out += ")"
        elif char == "," and depth:
            out += "|"
        else:
            out += re.escape(char)
        at += 1
    return re.compile(out)


def is_wanted(file: StoredFile, root: str, options: dict[str, str]) -> bool:
    components = file.key[len(root):].split("/")
    if components[-1] == "" or components[-1].endswith("_$folder$"):
        return False
    if any(is_hidden(component) for component in components):
        return False
    if not is_of_its_time(file, options):
        return False
    name_filter = options.get("pathglobfilter")
    return not name_filter or bool(glob_pattern(name_filter).fullmatch(components[-1]))


def is_of_its_time(file: StoredFile, options: dict[str, str]) -> bool:
    after, before = (options.get(name) and datetime.fromisoformat(options[name]).replace(tzinfo=timezone.utc).timestamp()
                     for name in ("modifiedafter", "modifiedbefore"))
    return (not after or file.modified_at > after) and (not before or file.modified_at < before)


def is_hidden(name: str) -> bool:
    return (name.startswith("_") and "=" not in name) or name.startswith(".") or name.endswith("._COPYING_")


def with_partitions(placed: list[tuple[StoredFile, list[str], str]]) -> Found:
    parsed = [(file, *partition_of(folders), base, folders) for file, folders, base in placed]
    if not any(columns for _, columns, *_ in parsed):
        # Without partitions only a folder's own files are read, not those of folders in it.
        return Found([file for file, *_, folders in parsed if not folders])
    parsed = [entry for entry in parsed if entry[1]]
    names = list(dict.fromkeys(tuple(name for name, _ in columns) for _, columns, *_ in parsed))
    bases = list(dict.fromkeys(f"{base}{'/'.join(folders[:start])}" for _, _, start, base, folders in parsed))
    if len(names) > 1:
        lists = "".join(f"\n\tPartition column name list #{index}: {', '.join(found)}" for index, found in enumerate(names))
        raise AnalysisException(f"[CONFLICTING_PARTITION_COLUMN_NAMES] Conflicting partition column names detected:\n{lists}")
    if len(bases) > 1 and len({base for *_, base, _ in parsed}) < len(bases):
        raise AnalysisException(
            "[CONFLICTING_DIRECTORY_STRUCTURES] Conflicting directory structures detected. Suspicious paths:\n\t"
            + "\n\t".join(bases)
            + "\nIf provided paths are partition directories, please set \"basePath\" in the options of the data source.")
    texts = [tuple(text for _, text in columns) for _, columns, *_ in parsed]
    return Found([file for file, *_ in parsed], list(names[0]), texts)


def partition_of(folders: list[str]) -> tuple[list[tuple[str, str | None]], int]:
    """From the leaf upwards, as long as folders are `name=value`; and how many folders lie above the first of them."""
    columns: list[tuple[str, str | None]] = []
    at = len(folders)
    while at > 0:
        name, equals, value = folders[at - 1].partition("=")
        if equals and name:
            text = unquote(value)
            columns.insert(0, (unquote(name), None if text == null_partition else text))
        elif columns:
            break
        at -= 1
    return columns, at
