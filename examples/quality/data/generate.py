"""Three days of orders, made up from a seed: one that is right, one with too many nulls, one with negative amounts.

    python data/generate.py        (needs pyarrow)
"""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

CITIES = ["Manaus", "Belém", "Santarém", "Macapá", "Porto Velho"]
ROWS = 500


def orders(day, chance, nulls=0.0, negative=0.0):
    start = datetime.fromisoformat(day)
    for number in range(1, ROWS + 1):
        amount = Decimal(chance.randint(500, 90_000)) / 100
        yield {
            "order_id": f"{day}-{number:05d}",
            "customer_id": None if chance.random() < nulls else f"C-{chance.randint(1, 120):04d}",
            "city": chance.choice(CITIES),
            "amount": -amount if chance.random() < negative else amount,
            "ordered_at": start + timedelta(seconds=chance.randint(0, 86_399)),
        }


SCHEMA = pa.schema(
    [
        ("order_id", pa.string()),
        ("customer_id", pa.string()),
        ("city", pa.string()),
        ("amount", pa.decimal128(12, 2)),
        ("ordered_at", pa.timestamp("us")),
    ]
)

chance = random.Random(7)
for day, faults in {"2025-10-20": {}, "2025-10-21": {"nulls": 0.4}, "2025-10-22": {"negative": 0.02}}.items():
    table = pa.Table.from_pylist(list(orders(day, chance, **faults)), SCHEMA)
    parquet.write_table(table, Path(__file__).parent / f"orders_{day}.parquet")
