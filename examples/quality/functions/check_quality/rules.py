"""What an orders file must look like. Pure: a table goes in, the reasons against it come out; no AWS in here."""

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("order_id", pa.string()),
        ("customer_id", pa.string()),
        ("city", pa.string()),
        ("amount", pa.decimal128(12, 2)),
        ("ordered_at", pa.timestamp("us")),
    ]
)
NULLS_MAX = 0.05
KEY = "order_id"


def schema_faults(schema):
    faults = []
    for wanted in SCHEMA:
        index = schema.get_field_index(wanted.name)
        if index < 0:
            faults.append(f"the column {wanted.name} is missing")
        elif schema.field(index).type != wanted.type:
            faults.append(f"the column {wanted.name} is {schema.field(index).type} instead of {wanted.type}")
    return faults + [f"the column {name} is not expected" for name in schema.names if name not in SCHEMA.names]


def data_faults(frame):
    """`frame` is a pandas DataFrame of SCHEMA."""
    if frame.empty:
        return ["it has no rows"]
    nulls = frame.isna().mean()
    faults = [f"{name} is null in {share:.1%} of the rows" for name, share in nulls.items() if share > NULLS_MAX]
    repeated = int(frame.duplicated(KEY).sum())
    return faults + ([f"{repeated} rows repeat the {KEY} of another"] if repeated else [])
