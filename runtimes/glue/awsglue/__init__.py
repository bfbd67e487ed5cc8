"""A clean-room `awsglue`: AWS Glue's Python library on Igarapé's engines, written from its public documentation. What is not
here raises."""


def __getattr__(name: str):
    """Scripts that Glue Studio generates say `from awsglue import DynamicFrame`; Python shell jobs have no Spark to import."""
    if name == "DynamicFrame":
        from awsglue.dynamicframe import DynamicFrame

        return DynamicFrame
    raise AttributeError(f"module 'awsglue' has no attribute {name!r}")
