"""`getResolvedOptions`: a job's arguments, `--NAME value` or `--NAME=value`."""

import argparse


class GlueArgumentError(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


# Reserved by Glue, so that no script may ask for them by name; they are resolved for every script.
reserved = ("job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION",
            "encryption-type", "enable-data-lineage", "RedshiftTempDir", "TempDir")


def getResolvedOptions(args, options):
    parser = Parser(allow_abbrev=False, add_help=False)
    for name in reserved:
        if name not in options:
            parser.add_argument(f"--{name}", dest=name.replace("-", "_"), default=argparse.SUPPRESS)
    for name in options:
        parser.add_argument(f"--{name}", dest=name, required=True)
    found, _ = parser.parse_known_args(joined(args[1:], [*options, *reserved]))
    resolved = vars(found)
    bookmark = resolved.pop("job_bookmark_option", "job-bookmark-disable")
    if bookmark not in ("job-bookmark-disable", "job-bookmark-enable", "job-bookmark-pause"):
        raise GlueArgumentError(f"argument --job-bookmark-option: invalid choice: {bookmark!r}")
    return {"job_bookmark_option": bookmark, "job_bookmark_from": None, "job_bookmark_to": None, **resolved}


def joined(args, names):
    """`--NAME value` as one piece: argparse would take a value that begins with a dash for another option."""
    flags = {f"--{name}" for name in names}
    out, at = [], 0
    while at < len(args):
        if args[at] in flags and at + 1 < len(args):
            out.append(f"{args[at]}={args[at + 1]}")
            at += 2
        else:
            out.append(args[at])
            at += 1
    return out
