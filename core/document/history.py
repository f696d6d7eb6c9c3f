"""Undo history: the states themselves, bounded in bytes.

States share whatever an edit left alone, so a step costs only what it changed. The bytes counted are those of
large objects (points of strokes, imported maps, tuples) that the current state does not hold anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from rhytid.core.document.state import DocumentState
from rhytid.core.lines.stroke import Stroke

DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024
# Measured with tracemalloc on CPython 3.11: a frozen dataclass with two array headers, id and binding.
_STROKE_OVERHEAD_BYTES = 800
_STATE_OVERHEAD_BYTES = 400
_KEY_BYTES = 280  # with its number and time, its place in the tuple, and the slopes once they were asked for


@dataclass(frozen=True)
class Entry:
    """A state and the label of the edit that led to it.

    Attributes
    ----------
    id : int
        No other entry of the same history ever has it, forgotten ones included.
    """

    id: int
    label: str
    state: DocumentState


class History:
    """A line of states with a position in it.

    Parameters
    ----------
    label : str
        Label of the first entry ("New", "Open face.rhytid").
    state : DocumentState
    limit_bytes : int
        Most bytes to keep beyond those of the newest state. Oldest entries go first; one step back always
        stays, however large, so that the last edit can be undone.
    """

    def __init__(self, label: str, state: DocumentState, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self._ids = count()
        self.restart(label, state)

    def restart(self, label: str, state: DocumentState) -> None:
        """Forget all entries and begin with another one."""
        self._entries: list[Entry] = []
        self._position = -1
        self._uses: Counter[int] = Counter()
        self._retained_bytes = 0
        self.push(label, state)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels from the oldest entry to the newest; the entry at `position` is the present."""
        return tuple(entry.label for entry in self._entries)

    @property
    def entry_ids(self) -> tuple[int, ...]:
        """Ids of the entries, in the order of `labels`."""
        return tuple(entry.id for entry in self._entries)

    @property
    def position(self) -> int:
        return self._position

    @property
    def entry_id(self) -> int:
        """Id of the entry at `position`."""
        return self._entries[self._position].id

    @property
    def state(self) -> DocumentState:
        """State at `position`."""
        return self._entries[self._position].state

    def state_at(self, index: int) -> DocumentState:
        """State of the entry at `index`; raises `IndexError` where there is none."""
        if not 0 <= index < len(self._entries):
            raise IndexError(f"history has entries 0..{len(self._entries) - 1}, not {index}")
        return self._entries[index].state

    @property
    def retained_bytes(self) -> int:
        """Estimate of what all entries together keep in memory, shared parts counted once."""
        return self._retained_bytes

    def push(self, label: str, state: DocumentState) -> int:
        """Add an edit after the present one, and give its id; whatever could be redone is forgotten."""
        for entry in self._entries[self._position + 1 :]:
            self._release(entry.state)
        del self._entries[self._position + 1 :]
        entry = Entry(next(self._ids), label, state)
        self._entries.append(entry)
        self._position += 1
        self._retain(state)
        present_bytes = sum({id(part): n_bytes for part, n_bytes in _parts(state)}.values())
        while len(self._entries) > 2 and self._retained_bytes - present_bytes > self.limit_bytes:
            self._release(self._entries.pop(0).state)
            self._position -= 1
        return entry.id

    def go_to(self, index: int) -> DocumentState:
        """Make the entry at `index` the present one.

        Raises
        ------
        IndexError
            There is no such entry.
        """
        if not 0 <= index < len(self._entries):
            raise IndexError(f"history has entries 0..{len(self._entries) - 1}, not {index}")
        self._position = index
        return self.state

    def _retain(self, state: DocumentState) -> None:
        for part, n_bytes in _parts(state):
            self._uses[id(part)] += 1
            if self._uses[id(part)] == 1:
                self._retained_bytes += n_bytes

    def _release(self, state: DocumentState) -> None:
        for part, n_bytes in _parts(state):
            self._uses[id(part)] -= 1
            if self._uses[id(part)] == 0:
                del self._uses[id(part)]
                self._retained_bytes -= n_bytes


def _parts(state: DocumentState) -> Iterator[tuple[object, int]]:
    """Objects that states share between them, with their own bytes."""
    yield state, _STATE_OVERHEAD_BYTES
    for values in (state.identity, state.expression, state.strokes, state.action_units, state.layers, state.taken):
        yield values, 32 * len(values)
    for track in state.clip.tracks:
        yield track, _KEY_BYTES * len(track.keys)
    yield from _stroke_parts(state.strokes)
    if state.smoothed is not None:
        yield state.smoothed, state.smoothed.mask.nbytes
    if state.lock is not None:
        yield state.lock, state.lock.held.nbytes + state.lock.mask.nbytes
    for layer in state.layers:
        if layer.mask is not None:
            yield layer.mask, layer.mask.nbytes
    if state.paint is not None:
        yield state.paint.tiles, 8 * len(state.paint.tiles)
        for tile in state.paint.tiles:
            if tile is not None:
                yield tile, tile.nbytes
    if state.source is not None:
        yield state.source, state.source.displacement.nbytes
        yield from _stroke_parts(state.source.lines)
    if state.second is not None:
        yield state.second.detail, state.second.detail.displacement.nbytes
    for photo in state.photos:
        yield photo.data, len(photo.data)
        if photo.fit.offsets is not None:
            yield photo.fit.offsets, photo.fit.offsets.nbytes
        if photo.light is not None:
            yield photo.light, photo.light.sh_map.nbytes
    if state.albedo is not None:
        yield state.albedo.srgb, state.albedo.srgb.nbytes
        if state.albedo.around is not None:
            yield state.albedo.around, state.albedo.around.nbytes


def _stroke_parts(strokes: tuple[Stroke, ...]) -> Iterator[tuple[object, int]]:
    for stroke in strokes:
        yield stroke, stroke.nbytes + _STROKE_OVERHEAD_BYTES
