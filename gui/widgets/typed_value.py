"""What a typed number means: with a unit, or against the value that is there.

- ``1.2``, ``1,2``, ``1.2 mm``, ``200 um``, ``0.1 cm``: a value; lengths are turned into the unit of the field.
- ``+10%``, ``-10%``: that much more or less than now; in a field that counts in per cent a value.
- ``+=0.2``, ``-=0.2``, ``*2``, ``/2``: more, less, times and divided by, from what is there.
"""

from __future__ import annotations

import math
import re

_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3, "µm": 1e-3, "μm": 1e-3}
_NAMES = {"°": {"deg", "degrees", "°"}, "years": {"y", "years", "yr"}, "%": {"%"}, "EV": {"ev", "stops"}}
_FORM = re.compile(r"(?P<how>\+=|-=|\*|/)?\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>\D*)")


def typed_value(text: str, present: float, unit: str = "") -> float | None:
    """The number that `text` asks for, None where it asks for none.

    Parameters
    ----------
    text : str
    present : float
        What is there now.
    unit : str
        What the field counts in: "mm", "°", "years", "%"; "" for a plain number.
    """
    found = _FORM.fullmatch(text.strip().replace(",", ".").replace("\u2212", "-"))
    if found is None:
        return None
    number, given, unit = float(found["number"]), found["unit"].strip().lower(), unit.strip()
    how = found["how"] or ""
    if how in ("*", "/"):
        if given or (how == "/" and number == 0.0):
            return None
        return _finite(present * number if how == "*" else present / number)
    if given == "%" and unit != "%":
        signed = found["number"][0] in "+-"
        return _finite(present * (1.0 + number / 100.0)) if signed and not how else None
    factor = _factor(given, unit)
    if factor is None:
        return None
    number *= factor
    return _finite({"": number, "+=": present + number, "-=": present - number}[how])


def _factor(given: str, unit: str) -> float | None:
    """How many of the field's units the given one is; None for one that it cannot take."""
    if not given or given == unit.lower() or given in _NAMES.get(unit, ()):
        return 1.0
    if unit in _MM and given in _MM:
        return _MM[given] / _MM[unit]
    return None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
