"""`round` and `bround` by the type of their number. Spark rounds the digits that a double shows: 1.005 is 1.01 to two places, where the
engine's own, which rounds the binary number, has 1.00. A double is therefore rounded by its text.
"""

import re

from igarape_jobs.nodes import Cast, call, case, node, refuse, whole_number

doubles = ("Float64", "Float32", "Utf8", "LargeUtf8", "Utf8View")
decimal = re.compile(r"Decimal\d+\((\d+), (-?\d+)\)")
# Places behind the point of the decimals that a double is read as; the first is for those below a hundred million.
scales = (30, 18)
# The engine writes a double with an exponent from here on, where it has no fraction, and below 1e-5.
whole_from = 1e16


def rounding(name: str):
    is_even = name == "bround"

    def rule(type: str, value, digits=0):
        places = whole_number(node(digits))
        is_null = is_written_null(digits)
        digits_of = decimal.fullmatch(type)
        if type in doubles and not is_null:
            if places is None:
                return refuse(f"{name}() to places that are not written out as a number")
            rounded = double(Cast(value, "double"), places, is_even)
            return Cast(rounded, "float") if type == "Float32" else rounded
        if digits_of and places is not None:
            return of_decimal(value, places, is_even, int(digits_of[1]), int(digits_of[2]))
        return call(name if not digits_of else "round", value, digits)

    return rule


def is_written_null(digits) -> bool:
    sql = getattr(digits, "sql", None)
    return isinstance(sql, str) and sql.strip().lower() == "null"


def double(value, places: int, is_even: bool):
    shown = Cast(value, "string", lenient=False)
    return call("coalesce", *by_text(shown, places, is_even, scales), with_exponent(value, shown, places, is_even))


def by_text(text, places: int, is_even: bool, scales: tuple):
    """A text of the result is read, for the engine's own way from a decimal to a double may miss the last digit."""
    even = to_even(text, places) if is_even else text
    return [Cast(Cast(call("round", Cast(even, f"decimal(38,{scale})"), min(places, scale)), "string"), "double") for scale in scales]


def with_exponent(value, shown, places: int, is_even: bool):
    size = call("abs", value)
    if places < 0:
        is_finite = call("and", call("<", size, Cast(node("Infinity"), "double")), call("not", call("isnan", value)))
        error = call("raise_error", f"The embedded engine does not round a double from 1e16 on to {places} places as Spark does; the `spark` engine does.")
        return case(call("<", size, 1.0), 0.0, call("and", call(">=", size, whole_from), is_finite), error, value)
    if places < 5:
        return case(call("<", size, 1.0), 0.0, value)
    zeros = call("-", Cast(call("regexp_extract", shown, r"e-(\d+)$", 1), "int"), 1)
    digits = call("regexp_replace", call("regexp_replace", shown, "e.*$", ""), r"[.-]", "")
    sign = case(call("<", value, 0.0), "-", "")
    written = call("concat", sign, "0.", call("repeat", "0", zeros), digits)
    small = call("coalesce", *by_text(written, places, is_even, scales[:1]), 0.0)
    return case(call("<", size, 1.0), value if places > scales[0] else small, value)


def to_even(text, places: int):
    """Without the five that ends it, where the digit before is even: what is left rounds down."""
    if places > 0:
        return call("regexp_replace", text, rf"^(-?\d+\.\d{{{places - 1}}}[02468])50*$", "${1}")
    if places == 0:
        return call("regexp_replace", text, r"^(-?\d*[02468])\.50*$", "${1}")
    zeros = "0" * -places
    return call("regexp_replace", text, rf"^(-?\d*[02468]|-?)50{{{-places - 1}}}(\.0*)?$", f"${{1}}{zeros}")


def of_decimal(value, places: int, is_even: bool, precision: int, scale: int):
    exact = Cast(to_even(Cast(value, "string", lenient=False), places), f"decimal({precision},{scale})") if is_even else value
    return Cast(call("round", exact, min(places, scale)), decimal_of(precision, scale, places), lenient=False)


def decimal_of(precision: int, scale: int, places: int) -> str:
    """Spark's type: one digit more before the point, as rounding up may need it."""
    whole = precision - scale + 1
    if places < 0:
        return f"decimal({min(max(whole, 1 - places), 38)},0)"
    kept = min(scale, places)
    return f"decimal({min(whole + kept, 38)},{kept})"


rules = {"round": rounding("round"), "bround": rounding("bround")}
