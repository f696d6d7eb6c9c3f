"""The one way to the words that people read: `tr` gives them in the language that was chosen.

Texts stand in the source in English, each within ``tr("...")``, and are looked up once, where they are made; a change
of the language shows after a start. Translations are gettext catalogues, `resources/locale/<language>/LC_MESSAGES/
rhytid.mo`; CONTRIBUTING.md says how the template is made. What a catalogue lacks stays English.

``RHYTID_LANGUAGE`` names the language (``de``, ``pt_BR``); otherwise the system's is taken, as gettext finds it. The
language ``pseudo`` puts every text into brackets and makes it a third longer, as German does: what shows without
brackets was forgotten, and what is cut off has too little room.
"""

from __future__ import annotations

import gettext
import os
from functools import cache

from rhytid.core.resources import resource

PSEUDO = "pseudo"
_STRETCH = "~"


@cache
def _catalogue() -> gettext.NullTranslations:
    chosen = os.environ.get("RHYTID_LANGUAGE")
    return gettext.translation("rhytid", str(resource("locale")), [chosen] if chosen else None, fallback=True)


def spoken() -> str:
    """The language of the catalogue that is in use, "" where there is none and all is English."""
    return _catalogue().info().get("language", "")


def tr(text: str, /, *values: object, **named: object) -> str:
    """A text in the language that was chosen.

    Parameters
    ----------
    text : str
        English; ``{}``, ``{name}`` stand for the values, as in `str.format`.
    *values, **named : object
        What is put into the text. Without any, braces are plain characters.

    Returns
    -------
    str
    """
    if os.environ.get("RHYTID_LANGUAGE") == PSEUDO:
        said = f"[{text}{_STRETCH * (len(text) // 3)}]"
    else:
        said = _catalogue().gettext(text) if text else text
    return said.format(*values, **named) if values or named else said
