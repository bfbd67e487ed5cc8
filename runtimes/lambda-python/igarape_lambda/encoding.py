"""A handler's answer as JSON text, encoded as Lambda's Python runtime encodes it (Decimal becomes a number)."""

import json
from decimal import Decimal

from .faults import Fault


def marshal(value):
    try:
        return json.dumps(value, default=encode_other, ensure_ascii=False).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def encode_other(value):
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and value.is_finite():
            return int(value)
        return float(value)
    raise TypeError(f"Object of type {value.__class__.__name__} is not JSON serializable")
