"""Commands on the clip: the playhead, keys, rate and range.

Where a track changes, the face follows it at the playhead; numbers of other tracks stay as a slider has set them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rhytid.core.animation.clip import MOST_SLOPE, Clip, check_clip
from rhytid.core.animation.edit import (
    KeyId,
    Keys,
    Side,
    bent,
    mended,
    moved,
    pasted,
    set_values,
    with_tangents,
    without_keys,
)
from rhytid.core.animation.track import Tangent
from rhytid.core.document.channels import channel_value, is_channel, posed, values_at, with_channels
from rhytid.core.document.commands.base import Command, CommandError, refusing
from rhytid.core.document.limits import channel_range, clamp
from rhytid.core.document.state import DocumentState


@dataclass(frozen=True)
class GoToTime(Command):
    """Move the playhead; what has keys takes the values of that time."""

    time_s: float

    @property
    def label(self) -> str:
        return f"Go to {self.time_s:.2f} s"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            return posed(state, self.time_s)


@dataclass(frozen=True)
class SetKeys(Command):
    """Key the present values of some numbers at the playhead.

    Attributes
    ----------
    names : tuple of str
        By `core.document.channels`.
    """

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Set key of {self.names[0]}" if len(self.names) == 1 else f"Set {len(self.names)} keys"

    def apply(self, state: DocumentState) -> DocumentState:
        for name in self.names:
            if not is_channel(name):
                raise CommandError(f"{name!r} can have no keys")
        values = {name: channel_value(state, name) for name in self.names}
        return _with_clip(state, set_values(state.clip, state.clip.now_s, values))


@dataclass(frozen=True)
class RemoveKeys(Command):
    """Remove keys, named by track and time."""

    keys: tuple[KeyId, ...]

    @property
    def label(self) -> str:
        return "Remove key" if len(self.keys) == 1 else f"Remove {len(self.keys)} keys"

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_clip(state, without_keys(state.clip, self.keys))


@dataclass(frozen=True)
class MoveKeys(Command):
    """Move keys in time and, as a share of each number's range, in value."""

    keys: tuple[KeyId, ...]
    by_s: float
    by_share: float = 0.0

    label = "Move keys"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            by_s = clamp(self.by_s, (-1e6, 1e6), "time")
            by_share = clamp(self.by_share, (-1.0, 1.0), "value")
        return _with_clip(state, moved(state.clip, self.keys, by_s, by_share, channel_range)[0])


@dataclass(frozen=True)
class SetTangents(Command):
    """Let the curve pass keys in another way."""

    keys: tuple[KeyId, ...]
    tangent: Tangent

    @property
    def label(self) -> str:
        return f"Tangents: {self.tangent.value}"

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_clip(state, with_tangents(state.clip, self.keys, self.tangent))


@dataclass(frozen=True)
class BendTangent(Command):
    """Bend the curve at a key by hand; `alone` leaves its other side as it is.

    Attributes
    ----------
    slope : float
        Units a second.
    """

    key: KeyId
    side: Side
    slope: float
    alone: bool = False

    label = "Bend tangent"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            slope = clamp(self.slope, (-MOST_SLOPE, MOST_SLOPE), "slope")
        return _with_clip(state, bent(state.clip, self.key, self.side, slope, alone=self.alone))


@dataclass(frozen=True)
class MendTangents(Command):
    """Make broken keys smooth again."""

    keys: tuple[KeyId, ...]

    label = "Tangents: smooth again"

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_clip(state, mended(state.clip, self.keys))


@dataclass(frozen=True)
class PasteKeys(Command):
    """Add copies of keys, the first of them at the playhead."""

    keys: Keys

    label = "Paste keys"

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_clip(state, pasted(state.clip, self.keys, state.clip.now_s)[0])


@dataclass(frozen=True)
class SetClip(Command):
    """Change rate, range or looping; a field that is None stays as it is.

    Attributes
    ----------
    fps : float, optional
        1..240. Keys keep their times.
    start_s, end_s : float, optional
    loop : bool, optional
    """

    fps: float | None = None
    start_s: float | None = None
    end_s: float | None = None
    loop: bool | None = None

    label = "Set rate and range of the clip"

    def apply(self, state: DocumentState) -> DocumentState:
        given = {name: value for name, value in vars(self).items() if value is not None}
        return _with_clip(state, replace(state.clip, **given))


@dataclass(frozen=True)
class TakeClip(Command):
    """Replace the clip, by one that was read or made elsewhere; its playhead goes to its start."""

    clip: Clip
    text: str = "Take keys"

    @property
    def label(self) -> str:
        return self.text

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_clip(state, replace(self.clip, now_s=self.clip.start_s))


def _with_clip(state: DocumentState, clip: Clip) -> DocumentState:
    if clip == state.clip:
        return state
    with refusing():
        check_clip(clip)
        for track in clip.tracks:
            channel_range(track.name)
    changed = [track for track in clip.tracks if track not in state.clip.tracks]
    return with_channels(replace(state, clip=clip), values_at(changed, clip.now_s))
