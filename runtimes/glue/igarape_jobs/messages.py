"""What a plan's messages have in them."""


def messages(message, wanted):
    """All messages of a type, however deep."""
    if isinstance(message, wanted):
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            repeated = value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]
            for item in repeated:
                yield from messages(item, wanted)


def own_messages(part, wanted) -> list:
    """Those of this step, not of the steps below it."""
    found = []
    for field, value in part.ListFields():
        if field.name == "input" or field.message_type is None:
            continue
        for item in value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]:
            found.extend(messages(item, wanted))
    return found
