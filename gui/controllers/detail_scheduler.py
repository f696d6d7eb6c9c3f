"""From document states to pictures of the detail, on a thread of its own, newest first.

Each state that matters replaces the one that waits; nothing queues. A change of pose, age or engine
comes as a quick 256 preview together with the new vertices, and is refined once it has been seen and no other
came; a change of strokes alone goes straight to full resolution, where the pipeline only redoes the dirty
rectangle. No Qt here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.request import PREVIEW, VIEWPORT, DetailMaps
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.face.resolve import ResolvedPose, resolve_pose
from rhytid.core.head.head import Head
from rhytid.core.language import tr

if TYPE_CHECKING:
    from rhytid.core.detail.engines import Engines
    from rhytid.core.face.detail_maker import DetailMaker


SEEN_WITHIN_S = 0.2  # a preview that nobody shows by then is refined all the same
MOMENT_S = 0.016  # that a hand in motion may take for its next event
PLAYED_S = 0.25  # that what plays may take for its next frame


@dataclass(frozen=True, eq=False)
class Delivery:
    """One result on its way to the viewport and the canvas.

    Attributes
    ----------
    generation : int
        Number that `DetailScheduler.submit` gave the state.
    state : DocumentState
    pose : ResolvedPose or None
        None when the pose is that of the previous delivery.
    maps : DetailMaps or None
        None for a pose that comes without its detail (the first one of a head).
    refined : bool
        The maps are at full resolution and nothing finer follows.
    strokes_only : bool
        Nothing but strokes differs from the state that was refined before.
    input_s : float or None
        `time.perf_counter()` when the event came in that the state answers to; None where no hand waits for it.
    """

    generation: int
    state: DocumentState
    pose: ResolvedPose | None
    maps: DetailMaps | None
    refined: bool
    strokes_only: bool
    input_s: float | None


class Backend(Protocol):
    """What the scheduler drives; `CoreBackend` is the real one."""

    def head(self, reference: HeadReference) -> Head: ...

    def pose(self, state: DocumentState, head: Head, previous: ResolvedPose | None) -> ResolvedPose: ...

    def run(
        self,
        state: DocumentState,
        pose: ResolvedPose,
        resolution: int,
        generation: int,
        cancelled: Callable[[], bool],
    ) -> DetailMaps:
        """Maps of the state; raises `Cancelled` when `cancelled` became true on the way."""
        ...


@dataclass(frozen=True, eq=False)
class _Ticket:
    generation: int
    state: DocumentState
    input_s: float | None
    moment_s: float = MOMENT_S

    @property
    def lines(self) -> tuple[object, ...]:
        """The strokes and what their layers make of them, and what happens to the detail at the end."""
        state = self.state
        return state.strokes, state.layers, state.taken, state.finish

    @cached_property
    def skin(self) -> tuple[object, ...]:
        """All of a state that detail depends on, but for `lines`."""
        state = self.state
        source = None if state.source is None else state.source.digest
        shape = (state.head, state.identity, state.expression, state.action_units, state.head_pose)
        return (*shape, state.age, state.settings, source, state.second)


class DetailScheduler:
    """Keeps one background thread busy with the newest state.

    Parameters
    ----------
    backend : Backend
    deliver : callable
        Called with each `Delivery`, on the background thread, in order.
    fail : callable
        Called with the exception when a state could not be computed; the scheduler goes on with the next one.
    """

    def __init__(
        self, backend: Backend, deliver: Callable[[Delivery], None], fail: Callable[[BaseException], None]
    ) -> None:
        self._backend = backend
        self._deliver = deliver
        self._fail = fail
        self._wake = threading.Condition()
        self._waiting: _Ticket | None = None
        self._newest: _Ticket | None = None
        self._running = False
        self._closed = False
        self._generation = 0
        self._seen = 0  # newest generation on the screen
        self._full = VIEWPORT
        self._pose: ResolvedPose | None = None
        self._delivered: ResolvedPose | None = None
        self._refined: tuple[object, ...] | None = None  # skin of what was refined last
        self._thread = threading.Thread(target=self._loop, name="detail", daemon=True)
        self._thread.start()

    def set_full_resolution(self, resolution: int) -> None:
        """Side of the maps at rest; asks again for the newest state when it changes."""
        with self._wake:
            if resolution == self._full:
                return
            self._full = resolution
            self._refined = None
            if self._newest is not None:
                self._waiting = replace(self._newest, input_s=None)
            self._wake.notify_all()

    def submit(self, state: DocumentState, input_s: float | None = None, moment_s: float = MOMENT_S) -> int:
        """Ask for `state`; what waits is replaced. States that look the same on the face ask for nothing.

        `input_s` says when the event came in that it answers to, `moment_s` how long another may take to follow: until
        then the state is not refined.

        Returns
        -------
        int
            Generation that the result will carry.
        """
        with self._wake:
            last, ticket = self._newest, _Ticket(self._generation + 1, state, input_s, moment_s)
            if last is not None and last.skin == ticket.skin and last.lines == ticket.lines:
                return last.generation
            self._generation = ticket.generation
            self._newest = self._waiting = ticket
            self._wake.notify_all()
            return self._generation

    def note_seen(self, generation: int) -> None:
        """What was delivered for a generation is on the screen."""
        with self._wake:
            if generation > self._seen:
                self._seen = generation
                self._wake.notify_all()

    @property
    def last_generation(self) -> int:
        """Generation of the newest state that was asked for."""
        return self._generation

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing runs."""
        with self._wake:
            return self._waiting is None and not self._running

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until `idle`; False when it took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: self._waiting is None and not self._running, timeout_s)

    def close(self) -> None:
        """End the thread; a running job ends at its next look for cancellation."""
        with self._wake:
            self._closed = True
            self._waiting = None
            self._wake.notify_all()
        # The first job of a learned engine loads its runtime; ending the interpreter meanwhile can hang it.
        self._thread.join(timeout=30.0)

    def _outdated(self, ticket: _Ticket) -> bool:
        """Whether going on with the refinement of `ticket` is pointless.

        New strokes alone do not count: they come by a dirty rectangle on top of the refined map, and a long
        stroke would otherwise keep the face from ever being refined.
        """
        newest = self._newest
        return self._closed or (newest is not None and newest.skin != ticket.skin)

    def _stays(self, ticket: _Ticket) -> bool:
        """Wait until the preview of `ticket` is on the screen and a moment more; False once refining is pointless.

        While a hand moves or a clip plays, refining takes the processor from the frame that is waited for, and is given
        up anyway.
        """
        with self._wake:
            self._wake.wait_for(lambda: self._seen >= ticket.generation or self._outdated(ticket), SEEN_WITHIN_S)
            return not self._wake.wait_for(lambda: self._outdated(ticket), ticket.moment_s)

    def _loop(self) -> None:
        while True:
            with self._wake:
                self._running = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: self._waiting is not None or self._closed)
                if self._closed:
                    return
                ticket, self._waiting = self._waiting, None
                self._running = True
            assert ticket is not None
            try:
                self._work(ticket)
            except Cancelled:
                continue
            except BaseException as error:
                self._refined = None
                self._fail(error)

    def _work(self, ticket: _Ticket) -> None:
        state = ticket.state
        pose = self._pose = self._backend.pose(state, self._backend.head(state.head), self._pose)
        strokes_only = ticket.skin == self._refined

        def deliver(maps: DetailMaps, refined: bool) -> None:
            new_pose, self._delivered = None if pose is self._delivered else pose, pose
            self._deliver(Delivery(ticket.generation, state, new_pose, maps, refined, strokes_only, ticket.input_s))

        if not strokes_only and self._full > PREVIEW:
            maps = self._backend.run(state, pose, PREVIEW, ticket.generation, lambda: self._closed)
            deliver(maps, False)
            self._refined = None
            if not self._stays(ticket):
                return
        maps = self._backend.run(state, pose, self._full, ticket.generation, lambda: self._outdated(ticket))
        self._refined = ticket.skin
        deliver(maps, True)


class CoreBackend:
    """The real thing: heads from files, detail by the engines. Used on one thread only.

    Parameters
    ----------
    engines : Engines

    Attributes
    ----------
    head_refused : callable
        Told the reason when a head cannot be opened; the default head stands in for it, and the document keeps
        the one it names.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self.head_refused: Callable[[str], None] = lambda _reason: None
        self._head: tuple[HeadReference, Head] | None = None
        self._maker: DetailMaker | None = None

    def head(self, reference: HeadReference) -> Head:
        from rhytid.core.head.load import default_head, load_head

        if not reference.path:
            return default_head()
        asked = HeadReference(reference.path, pins=reference.pins)  # whatever it was when last saved
        known = self._head
        if known is None or known[0] != asked:
            try:
                known = (asked, load_head(asked.path, pins=asked.pins, keep=True))
            except (ValueError, OSError, MemoryError) as error:
                known = (asked, default_head())
                self.head_refused(str(error) or tr("{0}: needs more memory than there is", reference.path))
            self._head = known
        return known[1]

    def try_refused_head_again(self) -> None:
        """Another document may find in its place what was missing; may be called on any thread."""
        from rhytid.core.head.load import default_head

        known = self._head
        if known is not None and known[1] is default_head():
            self._head = None

    def adopt(self, reference: HeadReference, head: Head) -> None:
        """Remember a head that was loaded elsewhere, so that it is not read twice."""
        self._head = (HeadReference(reference.path, pins=reference.pins), head)

    def pose(self, state: DocumentState, head: Head, previous: ResolvedPose | None) -> ResolvedPose:
        return resolve_pose(state, head, previous)

    def run(
        self,
        state: DocumentState,
        pose: ResolvedPose,
        resolution: int,
        generation: int,
        cancelled: Callable[[], bool],
    ) -> DetailMaps:
        if self._maker is None:
            from rhytid.core.face.detail_maker import DetailMaker

            self._maker = DetailMaker(self._engines, on_device=True)
        return self._maker.maps(state, pose.head, resolution, pose, generation, cancelled)
