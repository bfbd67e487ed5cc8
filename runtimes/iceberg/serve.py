"""Answers what the server asks of Iceberg's library: a JSON line in, a JSON line out, until its input ends."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from igarape_iceberg.requests import serve  # noqa: E402 (the path comes first)

serve()
