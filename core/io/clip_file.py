"""Clips as JSON: every key with its tangent, for other programs and other projects; also what the clipboard carries.

    {"format": "rhytid clip", "version": 1, "fps": 30, "start_s": 0, "end_s": 4, "loop": true,
     "tracks": {"jawOpen": [[0.0, 0.0, "auto"], [1.5, 0.8, "step"]]}}

A key is time in seconds, value and tangent; a free one says its slopes too, in units a second before and after it:
[1.5, 0.8, "free", 0.2, -0.4]. Names are those of `core.document.channels`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from rhytid.core.animation.clip import Clip, check_clip, sorted_tracks
from rhytid.core.animation.track import Key, Tangent, track_of
from rhytid.core.document.limits import channel_range, clamp, finite
from rhytid.core.files.reading import FileRefused, parse_json, read_file
from rhytid.core.files.writing import write_text

CLIP_SUFFIX = ".json"
FORMAT, VERSION = "rhytid clip", 1
MAX_BYTES = 16 * 1024 * 1024
_REMEDY = "export the clip again"


def write_clip(path: Path, clip: Clip) -> None:
    """Write a clip; whole, or not at all."""
    write_text(path, clip_to_json(clip) + "\n")


def read_clip(path: Path) -> Clip:
    """The clip of a file.

    Raises
    ------
    FileRefused
        It is no such file, is too large, or holds a value that is wrong or out of range.
    OSError
        It cannot be read.
    """
    return clip_from_json(read_file(path, MAX_BYTES, _REMEDY), str(path))


def says_clip(data: bytes) -> bool:
    """Whether the beginning of JSON calls itself a clip; recordings of expressions are JSON too."""
    return f'"{FORMAT}"'.encode() in data


def clip_to_json(clip: Clip) -> str:
    """A clip as JSON text, ASCII; the same clip gives the same text."""
    tracks = {
        track.name: [[float(key.time_s), float(key.value), key.tangent.value, *_slopes(key)] for key in track.keys]
        for track in clip.tracks
    }
    content = {"format": FORMAT, "version": VERSION, "fps": float(clip.fps), "start_s": float(clip.start_s),
               "end_s": float(clip.end_s), "loop": clip.loop, "tracks": tracks}  # fmt: skip
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def clip_from_json(data: bytes, where: str) -> Clip:
    """The clip that `clip_to_json` wrote, the playhead at its start; raises `FileRefused`, naming `where`."""
    content = parse_json(data, where, remedy=_REMEDY)
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise FileRefused(f"{where}: this is no clip, or one of a newer version; {_REMEDY}")
    try:
        fps, start_s, end_s = (finite(content.get(name, 0.0), name) for name in ("fps", "start_s", "end_s"))
        clip = Clip(fps=fps, start_s=start_s, end_s=end_s, loop=content.get("loop") is True, now_s=start_s)
        tracks = content.get("tracks")
        if not isinstance(tracks, dict):
            raise ValueError("tracks must be an object")
        clip = replace(clip, tracks=sorted_tracks(track_of(name, _keys(name, keys)) for name, keys in tracks.items()))
        check_clip(clip)
    except (ValueError, TypeError, OverflowError) as error:
        raise FileRefused(f"{where}: {error}; {_REMEDY}") from error
    return clip


def _slopes(key: Key) -> list[float]:
    return [float(key.arriving), float(key.leaving)] if key.tangent is Tangent.FREE else []


def _keys(name: str, keys: Any) -> list[Key]:
    limits = channel_range(name)
    if not isinstance(keys, list):
        raise ValueError(f"{name}: must be a list of keys")
    found = []
    for key in keys:
        if not isinstance(key, list) or len(key) != (5 if key[2:3] == [Tangent.FREE.value] else 3):
            raise ValueError(f"{name}: a key is time, value and tangent, and slopes where it is free, not {key!r:.60}")
        value = finite(key[1], name)
        if clamp(value, limits, name) != value:
            raise ValueError(f"{name}: {value} does not lie in {limits[0]:g}..{limits[1]:g}")
        slopes = (finite(slope, f"slope of {name}") for slope in key[3:])
        found.append(Key(finite(key[0], f"time of {name}"), value, Tangent(key[2]), *slopes))
    return found
