"""What strokes are called, and in words what makes them appear."""

from __future__ import annotations

from rhytid.core.arkit import ARKIT_INDEX, linked_name
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style

STYLE_TITLES = {Style.NATURAL: tr("As a wrinkle"), Style.AS_DRAWN: tr("As drawn")}
STYLE_TIP = tr("As a wrinkle: uneven, with finer lines beside it; as drawn: the same all along")
FOLDING_TIP = tr("How far the depth follows the skin: deeper where the expression pushes it together across the "
                 "stroke, less where it draws it apart")
PROFILE_TITLES = {
    Profile.FINE_LINE: tr("Fine line"),
    Profile.WRINKLE: tr("Furrow"),
    Profile.CREASE: tr("Crease"),
    Profile.FOLD: tr("Fold"),
    Profile.SCAR: tr("Scar"),
}
PROFILE_TIP = tr("Cross-section: a furrow has soft bulges beside it, a fold one, fine line and crease none; a scar "
                 "has a level floor")
ONSET_TITLES = {
    Onset.ALWAYS: tr("Always"),
    Onset.EXPRESSION: tr("With an expression"),
    Onset.ACTION_UNITS: tr("With action units"),
}


def stroke_title(stroke: Stroke) -> str:
    """What a stroke is called: its own name, or what it is."""
    return stroke.name or default_name(stroke)


def default_name(stroke: Stroke) -> str:
    """Name for a stroke that has none: what it is and where on the face, seen from the subject."""
    x, y = (float(v) for v in stroke.points.mean(axis=0))
    side = "" if abs(x - 0.5) < 0.06 else " L" if x > 0.5 else " R"
    if y < 0.22:
        place = tr("Forehead")
    elif y < 0.33:
        place = tr("Glabella") if abs(x - 0.5) < 0.1 else tr("Brow") if y < 0.26 else tr("Eye")
    elif y < 0.42:
        place = tr("Nose") if abs(x - 0.5) < 0.09 else tr("Eye corner") if abs(x - 0.5) > 0.24 else tr("Lower lid")
    elif y < 0.62:
        place = tr("Nose") if abs(x - 0.5) < 0.07 else tr("Nasolabial") if abs(x - 0.5) < 0.2 else tr("Cheek")
    elif y < 0.78:
        place = tr("Mouth") if abs(x - 0.5) < 0.17 else tr("Cheek")
    else:
        place = tr("Chin") if abs(x - 0.5) < 0.2 else tr("Jaw")
    return f"{place}{side}"


def binding_summary(binding: Binding) -> str:
    """`binding_text` in few words: sides with equal values as one, three names at most."""
    if binding.onset is Onset.ALWAYS:
        return tr("Shows with every expression.")
    merged: dict[tuple[str, float], None] = {}
    weights = dict(binding.weights)
    for name, value in sorted(binding.weights, key=lambda pair: -pair[1]):
        partner = linked_name(name) if name in ARKIT_INDEX else name
        bare = name.removesuffix("Left").removesuffix("Right")
        merged[(bare if partner != name and weights.get(partner) == value else name, value)] = None
    names = [f"{name} {value:.2f}" for name, value in merged]
    more = f" + {len(names) - 3}" if len(names) > 3 else ""
    return tr("Comes with {0}{more}", ", ".join(names[:3]),
              more=more) if names else tr("Never shows: it is bound to nothing.")


def binding_text(binding: Binding) -> str:
    """What makes a stroke appear, in words."""
    if binding.onset is Onset.ALWAYS:
        return tr("Always there")
    strongest = sorted(binding.weights, key=lambda pair: -pair[1])
    names = ", ".join(f"{name} {value:.2f}" for name, value in strongest[:4])
    if len(strongest) > 4:
        names += f" and {len(strongest) - 4} more"
    return tr("Appears with {names}", names=names) if names else tr("Never appears: it is bound to nothing")
