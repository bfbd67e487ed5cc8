"""What this library does not have raises, naming itself."""


def refuse(name: str, way_out: str = ""):
    raise NotImplementedError(f"awsglue: {name} is not implemented by Igarapé.{' ' + way_out if way_out else ''}")


class Refusing:
    """A base whose missing members say so instead of being unknown."""

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        refuse(f"{type(self).__name__}.{name}")
