"""Tables of the Catalog as runs over them read them: with the Catalog's types, and the partitions that they ask for."""


def read_source(context, source: dict):
    options = source["options"]
    predicate = options.get("catalogPartitionPredicate", "")
    return context.create_data_frame.from_catalog(
        source["database"],
        source["table"],
        push_down_predicate=options.get("pushDownPredicate", ""),
        additional_options={"catalogPartitionPredicate": predicate} if predicate else {},
    )
