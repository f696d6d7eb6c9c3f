"""What strokes are called, and in words what makes them appear."""

from __future__ import annotations

from rhytid.core.arkit import ARKIT_INDEX, linked_name
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style

STYLE_TITLES = {Style.NATURAL: "As a wrinkle", Style.AS_DRAWN: "As drawn"}
STYLE_TIP = "As a wrinkle: uneven, with finer lines beside it; as drawn: the same all along"
PROFILE_TITLES = {Profile.WRINKLE: "Wrinkle", Profile.CREASE: "Crease", Profile.FOLD: "Fold"}
ONSET_TITLES = {
    Onset.ALWAYS: "Always",
    Onset.EXPRESSION: "With an expression",
    Onset.ACTION_UNITS: "With action units",
}


def default_name(stroke: Stroke) -> str:
    """Name for a stroke that has none: what it is and where on the face, seen from the subject."""
    x, y = (float(v) for v in stroke.points.mean(axis=0))
    side = "" if abs(x - 0.5) < 0.06 else " L" if x > 0.5 else " R"
    if y < 0.22:
        place = "Forehead"
    elif y < 0.33:
        place = "Glabella" if abs(x - 0.5) < 0.1 else "Brow" if y < 0.26 else "Eye"
    elif y < 0.42:
        place = "Nose" if abs(x - 0.5) < 0.09 else "Eye corner" if abs(x - 0.5) > 0.24 else "Lower lid"
    elif y < 0.62:
        place = "Nose" if abs(x - 0.5) < 0.07 else "Nasolabial" if abs(x - 0.5) < 0.2 else "Cheek"
    elif y < 0.78:
        place = "Mouth" if abs(x - 0.5) < 0.17 else "Cheek"
    else:
        place = "Chin" if abs(x - 0.5) < 0.2 else "Jaw"
    return f"{place}{side}"


def binding_summary(binding: Binding) -> str:
    """`binding_text` in few words: sides with equal values as one, three names at most."""
    if binding.onset is Onset.ALWAYS:
        return "Shows with every expression."
    merged: dict[tuple[str, float], None] = {}
    weights = dict(binding.weights)
    for name, value in sorted(binding.weights, key=lambda pair: -pair[1]):
        partner = linked_name(name) if name in ARKIT_INDEX else name
        bare = name.removesuffix("Left").removesuffix("Right")
        merged[(bare if partner != name and weights.get(partner) == value else name, value)] = None
    names = [f"{name} {value:.2f}" for name, value in merged]
    more = f" + {len(names) - 3}" if len(names) > 3 else ""
    return f"Comes with {', '.join(names[:3])}{more}" if names else "Never shows: it is bound to nothing."


def binding_text(binding: Binding) -> str:
    """What makes a stroke appear, in words."""
    if binding.onset is Onset.ALWAYS:
        return "Always there"
    strongest = sorted(binding.weights, key=lambda pair: -pair[1])
    names = ", ".join(f"{name} {value:.2f}" for name, value in strongest[:4])
    if len(strongest) > 4:
        names += f" and {len(strongest) - 4} more"
    return f"Appears with {names}" if names else "Never appears: it is bound to nothing"
