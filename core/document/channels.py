"""What of a document can have keys: its numbers by name, read, and set as a clip says.

Names are those of ARKit weights (`jawOpen`), of action units (`AU12`, `AU12L`), `age`, `shape_age`, the two angles of
the key light, `key_yaw_deg` and `key_pitch_deg`, and the three of the head, `head_yaw_deg` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rhytid.core.animation.clip import LONGEST_S
from rhytid.core.animation.edit import set_values
from rhytid.core.animation.track import Track
from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.limits import ACTION_UNIT_NAME, HEAD_POSE_RANGES, channel_range, clamp
from rhytid.core.document.state import DocumentState

LIGHT_CHANNELS = ("key_yaw_deg", "key_pitch_deg")
_HEAD_FIELDS = {f"head_{name}": name for name in HEAD_POSE_RANGES}
HEAD_CHANNELS = tuple(_HEAD_FIELDS)


def is_channel(name: str) -> bool:
    """Whether there is a number of that name that can have keys."""
    known = name in ARKIT_INDEX or name in ("age", "shape_age", *LIGHT_CHANNELS, *HEAD_CHANNELS)
    return known or name in action_unit_table().weights


def channel_value(state: DocumentState, name: str) -> float:
    """The present value of a number that can have keys."""
    if name in ARKIT_INDEX:
        return state.expression[ARKIT_INDEX[name]]
    if name == "age":
        return state.age
    if name == "shape_age":
        return state.age if state.shape_age is None else state.shape_age
    if name in LIGHT_CHANNELS:
        return float(getattr(state.lighting, name))
    if name in _HEAD_FIELDS:
        return float(getattr(state.head_pose, _HEAD_FIELDS[name]))
    return dict(state.action_units).get(name, 0.0)


def posed(state: DocumentState, time_s: float) -> DocumentState:
    """The state with the playhead at a time, and every number that has keys as they say."""
    time_s = clamp(time_s, (0.0, LONGEST_S), "time")
    clip = state.clip if state.clip.now_s == time_s else replace(state.clip, now_s=time_s)
    posed_state = with_channels(state, values_at(clip.tracks, time_s))
    return posed_state if clip is state.clip else replace(posed_state, clip=clip)


def values_at(tracks: Iterable[Track], time_s: float) -> dict[str, float]:
    """What tracks say at a time, within the ranges of their numbers: a curve bent by hand may leave them."""
    return {track.name: clamp(float(track.values(time_s)), channel_range(track.name), track.name) for track in tracks}


def with_channels(state: DocumentState, values: Mapping[str, float]) -> DocumentState:
    """The state with other values of these numbers; the very same object when it has them already."""
    expression, units = list(state.expression), dict(state.action_units)
    light: dict[str, Any] = {}
    head: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in values.items():
        if name in ARKIT_INDEX:
            expression[ARKIT_INDEX[name]] = value
        elif ACTION_UNIT_NAME.fullmatch(name):
            units[name] = value
        elif name in LIGHT_CHANNELS:
            light[name] = value
        elif name in _HEAD_FIELDS:
            head[_HEAD_FIELDS[name]] = value
        else:
            others[name] = value
    fields = {
        "expression": tuple(expression),
        "action_units": tuple(sorted(pair for pair in units.items() if pair[1] > 0.0)),
        "lighting": replace(state.lighting, **light),
        "head_pose": replace(state.head_pose, **head),
        **others,
    }
    changed = {name: value for name, value in fields.items() if getattr(state, name) != value}
    return replace(state, **changed) if changed else state


def auto_keyed(new: DocumentState, old: DocumentState) -> DocumentState:
    """`new` with a key at the playhead for every number in which it differs from `old`.

    The light gets keys only where it has some: it is moved to see better as often as to be seen. An edit of the clip,
    or of the time, stays as it is.
    """
    if new.clip != old.clip:
        return new
    before, after = channel_values(old), channel_values(new)
    keyed = new.clip.by_name
    changed = {
        name: after.get(name, 0.0)
        for name in {**before, **after}
        if after.get(name, 0.0) != before.get(name, 0.0) and (name in keyed or name not in LIGHT_CHANNELS)
    }
    if not changed:
        return new
    return replace(new, clip=set_values(new.clip, new.clip.now_s, changed))


def channel_values(state: DocumentState) -> dict[str, float]:
    """All numbers that can have keys; action units that are 0 and an age of the shape that is linked are left out."""
    values = dict(zip(ARKIT_NAMES, state.expression, strict=True)) | dict(state.action_units) | {"age": state.age}
    if state.shape_age is not None:
        values["shape_age"] = state.shape_age
    return values | {name: channel_value(state, name) for name in (*LIGHT_CHANNELS, *HEAD_CHANNELS)}
