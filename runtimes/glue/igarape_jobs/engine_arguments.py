"""What a job's arguments say to its engine, whichever it is."""


def enables_catalog(arguments: list[str]) -> bool:
    """The argument counts by being there, unless its value says false."""
    if "--enable-glue-datacatalog" not in arguments:
        return "--enable-glue-datacatalog=true" in arguments
    following = arguments[arguments.index("--enable-glue-datacatalog") + 1:][:1]
    return [text.lower() for text in following] != ["false"]
