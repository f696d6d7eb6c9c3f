"""All tracks of a document, with rate, range and the time that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rhytid.core.animation.track import Track

Float64 = npt.NDArray[np.float64]

FPS_DEFAULT, FPS_MOST = 30.0, 240.0
LONGEST_S = 3600.0
MAX_KEYS = 50_000
MOST_SLOPE = 1e6


@dataclass(frozen=True)
class Clip:
    """Tracks by name and how they are played.

    Attributes
    ----------
    tracks : tuple of Track
        Sorted by name, each name once.
    fps : float
        Frames a second, 1..240.
    start_s, end_s : float
        What is played and exported; the end lies behind the start.
    loop : bool
        Begin again at the end.
    now_s : float
        The playhead.
    """

    tracks: tuple[Track, ...] = ()
    fps: float = FPS_DEFAULT
    start_s: float = 0.0
    end_s: float = 4.0
    loop: bool = True
    now_s: float = 0.0

    @cached_property
    def by_name(self) -> Mapping[str, Track]:
        """The tracks by the names of their numbers."""
        return {track.name: track for track in self.tracks}

    @property
    def n_keys(self) -> int:
        return sum(len(track.keys) for track in self.tracks)

    @property
    def key_times_s(self) -> tuple[float, ...]:
        """Times with a key on any track, ascending."""
        return tuple(sorted({key.time_s for track in self.tracks for key in track.keys}))

    def snapped(self, time_s: float) -> float:
        """The time of the nearest frame."""
        return max(round(time_s * self.fps), 0) / self.fps

    def frame_times(self) -> Float64:
        """Times of the frames of the range, its end included where a frame is there; float64 (F,)."""
        return self.start_s + np.arange(int((self.end_s - self.start_s) * self.fps + 1e-6) + 1) / self.fps


def sorted_tracks(tracks: Iterable[Track]) -> tuple[Track, ...]:
    """Tracks as a clip has them: those with keys, by name."""
    return tuple(sorted((track for track in tracks if track.keys), key=lambda track: track.name))


def check_clip(clip: Clip) -> None:
    """Raises `ValueError`, naming the value, when a clip breaks its contract. Names and values are not looked at."""
    if not 1.0 <= clip.fps <= FPS_MOST:
        raise ValueError(f"frames a second must lie in 1..{FPS_MOST:g}, got {clip.fps}")
    if not 0.0 <= clip.start_s < clip.end_s <= LONGEST_S:
        raise ValueError(f"a clip runs within 0..{LONGEST_S:g} s, not from {clip.start_s} to {clip.end_s}")
    if not 0.0 <= clip.now_s <= LONGEST_S:
        raise ValueError(f"the playhead must lie in 0..{LONGEST_S:g} s, got {clip.now_s}")
    names = [track.name for track in clip.tracks]
    if names != sorted(set(names)):
        raise ValueError("tracks must be sorted by name, each name once")
    if clip.n_keys > MAX_KEYS:
        raise ValueError(f"a clip may have at most {MAX_KEYS} keys, got {clip.n_keys}")
    for track in clip.tracks:
        times = [key.time_s for key in track.keys]
        if not times or not (times[0] >= 0.0 and times[-1] <= LONGEST_S):
            raise ValueError(f"{track.name}: keys must lie in 0..{LONGEST_S:g} s, and there must be one")
        if any(after - before <= 0.0 for before, after in pairwise(times)):
            raise ValueError(f"{track.name}: keys must follow one another in time")
        if not all(abs(slope) <= MOST_SLOPE for key in track.keys for slope in (key.arriving, key.leaving)):
            raise ValueError(f"{track.name}: a slope must lie within {MOST_SLOPE:g} a second")
