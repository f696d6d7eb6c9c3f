"""Damage as files suffer it: cut off, or with a few other bytes."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

_HEADER_BYTES = 600
_FLIPS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=5)


@st.composite
def damages(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Functions from a file's content to what is left of it; every second one cuts it off."""
    keep, flips, in_header = draw(st.floats(0, 1)), draw(_FLIPS), draw(st.booleans())

    def damaged(content: bytes) -> bytes:
        data = bytearray(content)
        reach = min(len(data), _HEADER_BYTES) if in_header else len(data)
        for where, value in flips:
            data[int(where * reach)] = value
        return bytes(data[: int(2 * keep * len(data))] if keep < 0.5 else data)

    return damaged
