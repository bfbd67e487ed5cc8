"""`getResolvedOptions`: a job's arguments, `--NAME value` or `--NAME=value`, and the few that Glue resolves for every script."""

import argparse


class GlueArgumentError(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


bookmark_options = ("job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause")
# Resolved for every script, so that no script may ask for them.
reserved = ("job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION",
            "encryption-type", "enable-data-lineage", "RedshiftTempDir")
# Resolved for every script too, and scripts may ask for it.
offered = ("TempDir",)


def getResolvedOptions(args, options):
    asked = [name for name in options if name in reserved]
    if asked:
        raise RuntimeError(f"Using reserved arguments {asked}")
    parser = Parser(allow_abbrev=False, add_help=False)
    for name in (*reserved, *offered):
        if name not in options:
            parser.add_argument(f"--{name}", dest=name.replace("-", "_"), default=argparse.SUPPRESS)
    for name in dict.fromkeys(options):
        parser.add_argument(f"--{name}", dest=name, required=True)
    found, _ = parser.parse_known_args(joined(args[1:], [*options, *reserved, *offered]))
    resolved = vars(found)
    bookmark = resolved.pop("job_bookmark_option", "job-bookmark-disable")
    if bookmark not in bookmark_options:
        choices = ", ".join(repr(option) for option in bookmark_options)
        raise GlueArgumentError(f"argument --job-bookmark-option: invalid choice: {bookmark!r} (choose from {choices})")
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

