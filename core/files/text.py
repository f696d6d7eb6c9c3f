"""Text that came out of a file: what may be shown, and what may be kept.

A name can hold characters that a screen obeys instead of showing: escapes of a terminal, line feeds, and the
overrides of writing direction that make "exe.gnp" read "png.exe".
"""

from __future__ import annotations

# Joiners are format characters too, but Persian, Indic scripts and emoji are written with them.
_JOINERS = "\u200c\u200d"


def shown(text: str) -> str:
    """`text` as one line that a screen cannot mistake for anything else: control characters are spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _JOINERS else _spelled(c) for c in text)


def storable(text: str) -> str:
    """`text` as UTF-8 and JSON can hold it: NUL and halves of surrogate pairs become U+FFFD.

    Python spells bytes of a file's name that are no text as such halves.
    """
    if "\0" not in text and is_unicode(text):
        return text
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


def is_unicode(text: str) -> bool:
    """Whether `text` holds no half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
