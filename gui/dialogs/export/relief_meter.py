"""How much of the relief displaced meshes keep, measured on a thread of its own while the dialog is open."""

from __future__ import annotations

from threading import Thread

from PySide6.QtCore import QObject, Signal

from rhytid.core.head.head import Float32, Head
from rhytid.core.io.mesh_density import most_levels
from rhytid.core.io.relief_kept import relief_kept


class ReliefMeter(QObject):
    """See the module; its thread keeps it alive when the dialog is closed before.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Present shape in mm.
    displacement : float32 (H, H) or None
        Of the viewport, mm; nothing is measured without.

    Attributes
    ----------
    shares : dict
        By subdivisions, as far as they are measured: `core.io.relief_kept.relief_kept`.
    """

    measured = Signal()

    def __init__(self, head: Head, vertices: Float32, displacement: Float32 | None) -> None:
        super().__init__()
        self._head, self._vertices, self._displacement = head, vertices, displacement
        self.shares: dict[int, float] = {}

    def start(self) -> None:
        """Measure in the background."""
        if self._displacement is not None and self._displacement.any():
            Thread(target=self._measure, name="relief kept", daemon=True).start()

    def _measure(self) -> None:
        assert self._displacement is not None
        for levels in range(most_levels(self._head) + 1):
            self.shares[levels] = relief_kept(self._head, self._vertices, self._displacement, levels)
            self.measured.emit()
