"""Commands on a skin colour that was brought in."""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.document.commands.base import Command, changed, refusing
from rhytid.core.document.limits import check_albedo
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.albedo_map import AlbedoMap


@dataclass(frozen=True)
class SetAlbedo(Command):
    """Have a skin colour that was brought in, or with None that of the complexion again.

    Attributes
    ----------
    albedo : AlbedoMap or None
    """

    albedo: AlbedoMap | None

    @property
    def label(self) -> str:
        if self.albedo is None:
            return "Remove skin colour"
        return "Skin colour of the head" if self.albedo.head else "Import skin colour"

    def apply(self, state: DocumentState) -> DocumentState:
        if self.albedo is not None:
            with refusing():
                check_albedo(self.albedo)
        return changed(state, albedo=self.albedo)
