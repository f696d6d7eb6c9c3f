"""Names of files that every system takes."""

from __future__ import annotations

_FORBIDDEN = '<>:"/\\|?*'
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
_DEVICES |= {f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"}


def name_problem(name: str) -> str:
    """Why Windows, the strictest of the systems, takes no file of this name; "" where it does."""
    for character in name:
        if character in _FORBIDDEN or ord(character) < 32:
            return f"{character!r} cannot stand in a file's name"
    if name.split(".")[0].rstrip(" ").upper() in _DEVICES:
        return f"{name.split('.')[0]} is the name of a device on Windows"
    if name.endswith((".", " ")):
        return "Windows cuts off dots and spaces at the end of a name"
    return "" if name else "a name needs at least one character"
