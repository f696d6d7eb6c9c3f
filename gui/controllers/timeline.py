"""The document's clip in time: played, scrubbed, and its keys set.

What is shown while time moves is the preview of a gesture: it makes no history until an edit follows, and undo goes
back to the time before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject

from rhytid.core.animation.clip import LONGEST_S
from rhytid.core.animation.edit import KeyId, Keys, chosen_keys
from rhytid.core.animation.track import SAME_S
from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.channels import HEAD_CHANNELS, auto_keyed, channel_value
from rhytid.core.document.commands import Batch, Command, GoToTime, RemoveKeys, SetKeys
from rhytid.core.document.document import Document, Gesture
from rhytid.core.document.state import DocumentState
from rhytid.gui.controllers.player import Player


class Timeline(Player):
    """See the module.

    Parameters
    ----------
    document : Document
    busy : callable
        Whether a picture of the face is still being computed.

    Attributes
    ----------
    copied : tuple
        Keys that `copy` took.
    """

    def __init__(self, document: Document, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(busy, parent)
        self.document = document
        self._gesture: Gesture | None = None
        self.copied: Keys = ()
        document.state_changed.connect(self._look)
        document.history_changed.connect(self._look)

    # ---- time ----------------------------------------------------------------------------------------

    @property
    def span(self) -> tuple[float, float] | None:
        clip = self.document.state.clip
        return (clip.start_s, clip.end_s) if clip.tracks else None

    @property
    def time_s(self) -> float:
        return self.document.state.clip.now_s

    @property
    def fps(self) -> float:
        return self.document.state.clip.fps

    @property
    def loop(self) -> bool:  # type: ignore[override]
        return self.document.state.clip.loop

    @property
    def before(self) -> DocumentState | None:
        """The state that what is previewed began with; None while nothing is."""
        return None if self._gesture is None else self._gesture.base

    @property
    def moving(self) -> bool:
        """What the document shows is another time than that of its last step."""
        return self._gesture is not None

    def show(self, time_s: float) -> None:
        """Move the playhead to the nearest frame; not while a stroke is being drawn."""
        time_s = min(max(self.document.state.clip.snapped(time_s), 0.0), LONGEST_S)
        if time_s != self.time_s and self._has_gesture():
            assert self._gesture is not None
            self._gesture.preview(GoToTime(time_s))

    def step_frames(self, frames: int) -> None:
        """Go some frames on, or back."""
        self.scrub(self.time_s + frames / self.fps)

    def step_key(self, direction: int) -> None:
        """Go to the next key on any track (+1) or the one before (-1); nowhere where there is none."""
        times = self.document.state.clip.key_times_s
        ahead = [t for t in times if (t - self.time_s) * direction > 0.5 / self.fps]
        if ahead:
            self.scrub(ahead[0] if direction > 0 else ahead[-1])

    def rest(self) -> None:
        """Stop, and give the time back that the last step had."""
        self._timer.stop()
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()

    # ---- keys ----------------------------------------------------------------------------------------

    @property
    def auto_key(self) -> bool:
        """A changed slider sets a key by itself."""
        return self.document.complete is not None

    @auto_key.setter
    def auto_key(self, on: bool) -> None:
        self.document.complete = auto_keyed if on else None
        self.changed.emit()

    def names_of_pose(self) -> tuple[str, ...]:
        """What a key of the whole face takes in: all that has keys, and every expression that is not 0."""
        state = self.document.state
        shown = {name for name, weight in zip(ARKIT_NAMES, state.expression, strict=True) if weight > 0}
        turned = {name for name in HEAD_CHANNELS if channel_value(state, name) != 0.0}
        names = shown | turned | {name for name, _ in state.action_units} | set(state.clip.by_name)
        return tuple(sorted(names)) or ("age",)

    def names_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """What a key of one slider takes in: of the sides that it moves those that are not 0 or have keys."""
        state, names = self.document.state, tuple(names)
        kept = [name for name in names if name in state.clip.by_name or channel_value(state, name) != 0.0]
        sides = all(name in ARKIT_NAMES for name in names)  # of an action unit the first is both sides at once
        return tuple(kept) or (names if sides else names[:1])

    def remove_tracks(self, names: Iterable[str]) -> bool:
        """Remove all keys of numbers."""
        by_name = self.document.state.clip.by_name
        keys = tuple((name, key.time_s) for name in names if name in by_name for key in by_name[name].keys)
        return bool(keys) and self.edit(RemoveKeys(keys))

    def set_keys(self, names: Iterable[str]) -> bool:
        """Key numbers at the playhead, as one step; False while a stroke is being drawn."""
        return self.edit(SetKeys(tuple(names)))

    def keys_now(self, names: Iterable[str]) -> tuple[KeyId, ...]:
        """The keys of numbers at the playhead."""
        clip = self.document.state.clip
        tracks = (clip.by_name.get(name) for name in names)
        return tuple(
            (track.name, key.time_s)
            for track in tracks
            if track is not None
            for key in track.keys
            if abs(key.time_s - clip.now_s) < SAME_S
        )

    def remove_keys_now(self, names: Iterable[str]) -> bool:
        """Remove the keys of numbers at the playhead."""
        keys = self.keys_now(names)
        return bool(keys) and self.edit(RemoveKeys(keys))

    def copy(self, keys: Iterable[KeyId]) -> None:
        """Remember keys, to paste them at another time."""
        self.copied = chosen_keys(self.document.state.clip, keys)

    def edit(self, command: Command) -> bool:
        """Make an edit at the present time; with the way there it is one step. False while a stroke is being drawn."""
        if not self.preview(command):
            return False
        self.commit()
        return True

    def preview(self, command: Command) -> bool:
        """Show what an edit makes of the present time; replaces the last preview. False while a stroke is being drawn.

        Raises
        ------
        CommandError
            The command cannot be applied; the last preview stays.
        """
        time_s = self.time_s
        if not self._has_gesture():
            return False
        assert self._gesture is not None
        way = () if self._gesture.base.clip.now_s == time_s else (GoToTime(time_s),)
        self._gesture.preview(Batch((*way, command), command.label))
        return True

    def commit(self) -> None:
        """Make the last preview an undo step."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.commit()

    def give_up(self) -> None:
        """Take the last preview of an edit back; the time stays."""
        if self._gesture is not None and self._gesture.alive:
            self._gesture.preview(GoToTime(self.time_s))

    def _has_gesture(self) -> bool:
        """Begin a gesture where none is going on; False while a stroke is being drawn."""
        if self._gesture is None or not self._gesture.alive:
            if not self.document.settle():
                return False
            self._gesture = self.document.begin_gesture()
        return True

    def _look(self, *_states: object) -> None:
        """The document changed; something else may have ended the gesture."""
        if self._gesture is not None and not self._gesture.alive:
            self._gesture = None
            self._timer.stop()
        self.changed.emit()
