"""Where networks run, as the window shows it: the devices, what they were measured at, and which one is in use.

Looking for devices takes a moment and measuring them a second, so both happen on a thread of their own, and not
before the first picture of the face is finished.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.language import tr
from rhytid.core.learned.device_choice import Measured, fastest, survey
from rhytid.core.learned.runtime import AUTOMATIC, PROCESSOR, RUNTIME, Device, Runtime

_LONGEST_WAIT_S = 30.0
_LOOK_S = 0.1
Survey = Callable[[Runtime, bool], tuple[Measured, ...]]


@dataclass(frozen=True)
class DeviceRow:
    """A device for the screen.

    Attributes
    ----------
    ms : float or None
        Measured time; None where it was not measured.
    reason : str
        Why it is not offered, "" if it is.
    in_use : bool
    """

    device: Device
    ms: float | None
    reason: str
    in_use: bool


class Compute(QObject):
    """The device that an artist or the measurement chose, for work that is only looked at.

    Parameters
    ----------
    runtime : Runtime
    survey : callable
        Gives what is known of the devices of a runtime; measures all of them again if its second argument is true.

    Signals
    -------
    changed()
        Something about the devices became known, or another one is in use.
    noticed(text)
        The device in use failed; for the person at the screen.
    """

    changed = Signal()
    noticed = Signal(str)
    _found = Signal(object)
    _failed = Signal(str)

    def __init__(
        self, parent: QObject | None = None, runtime: Runtime = RUNTIME, survey: Survey | None = None
    ) -> None:
        super().__init__(parent)
        self._runtime = runtime
        self._survey = _survey if survey is None else survey
        self._wanted = AUTOMATIC
        self._known: tuple[Measured, ...] = ()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)
        self._tell = self._failed.emit
        self._told_before = runtime.tell

    @property
    def busy(self) -> bool:
        """Devices are being looked for or measured."""
        return self._thread is not None

    @property
    def wanted(self) -> str:
        """Name of the device that is wanted, or "auto" for the fastest one."""
        return self._wanted

    @wanted.setter
    def wanted(self, name: str) -> None:
        if name != self._wanted:
            self._wanted = name
            self._apply()

    def start(self, quiet: Callable[[], bool] = lambda: True) -> None:
        """Find out about the devices in the background once `quiet` says that no picture is being made."""
        self._runtime.tell = self._tell
        self._look(False, quiet)

    def measure_again(self) -> None:
        """Measure in the background; devices that failed get another chance."""
        self._runtime.failures.clear()
        self._look(True, lambda: True)

    def rows(self) -> list[DeviceRow]:
        """All devices of this platform; none before they were looked for."""
        failures, in_use = self._runtime.failures, self._runtime.in_use
        rows = []
        for known in self._known:
            failed = failures.get(known.device.name, "")
            reason = tr("it failed: {failed}", failed=failed) if failed else known.reason
            rows.append(DeviceRow(known.device, known.ms, reason, known.device is in_use))
        return rows

    def close(self) -> None:
        """Wait for what is under way: a thread inside native code must not outlive the interpreter."""
        self._closed.set()
        if self._runtime.tell is self._tell:
            self._runtime.tell = self._told_before
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _look(self, again: bool, quiet: Callable[[], bool]) -> None:
        if self.busy or self._closed.is_set():
            return

        def work() -> None:
            while not quiet():
                if self._closed.wait(_LOOK_S):
                    return
            found = self._survey(self._runtime, again)
            if not self._closed.is_set():
                self._found.emit(found)

        self._thread = threading.Thread(target=work, name="devices", daemon=True)
        self._thread.start()
        self.changed.emit()

    @Slot(object)
    def _take(self, found: tuple[Measured, ...]) -> None:
        self._thread = None
        self._known = found
        self._apply()

    def _apply(self) -> None:
        if self._known:
            self._runtime.use(self._chosen())
        self.changed.emit()

    def _chosen(self) -> Device:
        offered = tuple(known for known in self._known if not known.reason)
        if self._wanted == AUTOMATIC:
            return fastest(tuple(known for known in offered if known.device.name not in self._runtime.failures))
        return next((known.device for known in offered if known.device.name == self._wanted), PROCESSOR)

    @Slot(str)
    def _take_failure(self, text: str) -> None:
        self.noticed.emit(text)
        self.changed.emit()


def _survey(runtime: Runtime, again: bool) -> tuple[Measured, ...]:
    return survey(runtime, again=again)
