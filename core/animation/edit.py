"""Edits of a clip; each gives another one. Keys are named by track and time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import Enum

from rhytid.core.animation.clip import LONGEST_S, Clip, sorted_tracks
from rhytid.core.animation.track import Key, Tangent, Track, track_of

KeyId = tuple[str, float]
"""A key by the name of its track and its time in seconds, as the key has it."""
Keys = tuple[tuple[str, Key], ...]
"""Keys with the names of their tracks."""


class Side(Enum):
    """A side of a key."""

    ARRIVING = "arriving"
    LEAVING = "leaving"


def with_keys(clip: Clip, keys: Iterable[tuple[str, Key]]) -> Clip:
    """Add keys; where a track has one at that time already, the new one takes its place."""
    new: dict[str, list[Key]] = {}
    for name, key in keys:
        new.setdefault(name, []).append(key)
    return _with_tracks(clip, {name: [*_keys(clip, name), *added] for name, added in new.items()})


def set_values(clip: Clip, time_s: float, values: Mapping[str, float]) -> Clip:
    """Key values at a time; a key that is there keeps its tangent."""
    keys = []
    for name, value in values.items():
        track = clip.by_name.get(name)
        there = None if track is None else track.key_at(time_s)
        keys.append((name, Key(time_s, value) if there is None else replace(there, value=value)))
    return with_keys(clip, keys)


def chosen_keys(clip: Clip, ids: Iterable[KeyId]) -> Keys:
    """Those of the named keys that there are, in the order of the tracks."""
    times = _times(ids)
    return tuple(
        (track.name, key)
        for track in clip.tracks
        for key in track.keys
        if key.time_s in times.get(track.name, ())
    )


def without_keys(clip: Clip, ids: Iterable[KeyId]) -> Clip:
    """Remove keys; a track without any goes."""
    gone: dict[str, set[Key]] = {}
    for name, key in chosen_keys(clip, ids):
        gone.setdefault(name, set()).add(key)
    return _with_tracks(clip, {name: [k for k in _keys(clip, name) if k not in keys] for name, keys in gone.items()})


def moved(
    clip: Clip, ids: Iterable[KeyId], by_s: float, by_share: float, range_of: Callable[[str], tuple[float, float]]
) -> tuple[Clip, tuple[KeyId, ...]]:
    """Move keys in time and value; one that comes to lie on another takes its place.

    Parameters
    ----------
    by_s : float
        In time; all stop where the first would leave the clip's longest range.
    by_share : float
        In value, as a share of each number's range, in which it stays.
    range_of : callable
        Least and greatest value of a number.

    Returns
    -------
    Clip
    tuple of KeyId
        The moved keys.
    """
    chosen = chosen_keys(clip, ids)
    if not chosen:
        return clip, ()
    times = [key.time_s for _name, key in chosen]
    by_s = min(max(by_s, -min(times)), LONGEST_S - max(times))
    new = []
    for name, key in chosen:
        low, high = range_of(name)
        value = min(max(key.value + by_share * (high - low), low), high)
        new.append((name, replace(key, time_s=key.time_s + by_s, value=value)))
    left = without_keys(clip, ((name, key.time_s) for name, key in chosen))
    return with_keys(left, new), tuple((name, key.time_s) for name, key in new)


def with_tangents(clip: Clip, ids: Iterable[KeyId], tangent: Tangent) -> Clip:
    """Give keys a tangent; a free one begins as the curve is."""
    keys = chosen_keys(clip, ids)
    if tangent is Tangent.FREE:
        return with_keys(clip, ((name, _freed(clip, name, key)) for name, key in keys))
    return with_keys(clip, ((name, Key(key.time_s, key.value, tangent)) for name, key in keys))


def bent(clip: Clip, which: KeyId, side: Side, slope: float, *, alone: bool = False) -> Clip:
    """Bend the curve at a key by hand.

    Parameters
    ----------
    which : KeyId
    side : Side
        Where the hand is.
    slope : float
        Of the curve on that side, in units a second.
    alone : bool
        Break the key: the other side stays as it is. Of a broken key it always does.
    """
    keys = []
    for name, key in chosen_keys(clip, (which,)):
        free = _freed(clip, name, key)
        both = not alone and free.arriving == free.leaving
        arriving = slope if both or side is Side.ARRIVING else free.arriving
        leaving = slope if both or side is Side.LEAVING else free.leaving
        keys.append((name, replace(free, arriving=arriving, leaving=leaving)))
    return with_keys(clip, keys)


def mended(clip: Clip, ids: Iterable[KeyId]) -> Clip:
    """Make broken keys smooth: both sides take the mean of their slopes."""
    keys = []
    for name, key in chosen_keys(clip, ids):
        free = _freed(clip, name, key)
        mean = (free.arriving + free.leaving) / 2
        keys.append((name, replace(free, arriving=mean, leaving=mean)))
    return with_keys(clip, keys)


def _freed(clip: Clip, name: str, key: Key) -> Key:
    """The key with the slopes that the curve has there; where it ends, those of its only side."""
    if key.tangent is Tangent.FREE:
        return key
    track = clip.by_name[name]
    at, last = track.keys.index(key), len(track.keys) - 1
    arriving, leaving = float(track.slopes.arriving[at]), float(track.slopes.leaving[at])
    if at == 0:
        arriving = leaving
    elif at == last:
        leaving = arriving
    return replace(key, tangent=Tangent.FREE, arriving=arriving, leaving=leaving)


def pasted(clip: Clip, keys: Keys, at_s: float) -> tuple[Clip, tuple[KeyId, ...]]:
    """Add copies of keys, the first of them at a time; gives the clip and the new keys."""
    if not keys:
        return clip, ()
    first = min(key.time_s for _name, key in keys)
    new = [(name, replace(key, time_s=min(key.time_s - first + at_s, LONGEST_S))) for name, key in keys]
    return with_keys(clip, new), tuple((name, key.time_s) for name, key in new)


def _with_tracks(clip: Clip, keys: Mapping[str, Iterable[Key]]) -> Clip:
    others = (track for track in clip.tracks if track.name not in keys)
    tracks: tuple[Track, ...] = sorted_tracks((*others, *(track_of(name, of) for name, of in keys.items())))
    return clip if tracks == clip.tracks else replace(clip, tracks=tracks)


def _keys(clip: Clip, name: str) -> tuple[Key, ...]:
    track = clip.by_name.get(name)
    return () if track is None else track.keys


def _times(ids: Iterable[KeyId]) -> dict[str, set[float]]:
    times: dict[str, set[float]] = {}
    for name, time_s in ids:
        times.setdefault(name, set()).add(time_s)
    return times
