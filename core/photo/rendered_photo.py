"""Edits in a photograph by the rendering network, after FaceDet3D (section 3.3).

The picture by ratio images is the start: what the network adds (`core.networks.photo_render`) is of 512 px and smooth,
so that the photo's grain and sharpness stay. It counts where something is edited, rising softly from there, and nowhere
else: pixels without an edit stay as they are, bit for bit.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.learned.runtime import Session
from rhytid.core.learned.weights import PHOTO_RENDER, open_model
from rhytid.core.maps.rect import Rect
from rhytid.core.photo.edited_photo import Drawn, EditedPhoto
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.render_buffers import RenderBuffers, RenderFrame, albedo_sized, changed_at
from rhytid.core.photo.skin_levels import ShownSkin

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]


class PhotoRenderer(str, Enum):
    """What draws edits into a photo."""

    RATIO = "ratio"
    NETWORK = "network"


class RenderNetwork:
    """See the module and `core.networks.photo_render`.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def added(self, buffers: RenderBuffers, albedo: UInt8) -> Float32:
        """What the picture by ratio images lacks, sRGB, float32 (512, 512, 3); `albedo` as `albedo_sized` gives it."""
        inputs: dict[str, Float32] = {
            "fine": buffers.fine[None],
            "coarse": buffers.coarse[None],
            "places": buffers.places[None],
            "albedo": np.asarray(albedo.transpose(2, 0, 1)[None] / np.float32(255), np.float32),
        }
        (added,) = self._session.run(["added"], inputs)
        return np.asarray(added[0].transpose(1, 2, 0), np.float32)


@lru_cache(maxsize=1)
def render_network() -> RenderNetwork:
    """The network that comes with the program.

    Raises
    ------
    core.learned.weights.WeightsError
        It is not there, or damaged.
    """
    return RenderNetwork(open_model(PHOTO_RENDER).onnx())


class RenderedPhoto:
    """Draws edits into a photo, as `EditedPhoto` does, and adds what the network says.

    Parameters
    ----------
    photo : EditedPhoto
    rasteriser : Rasteriser
    network : RenderNetwork
    """

    def __init__(self, photo: EditedPhoto, rasteriser: Rasteriser, network: RenderNetwork) -> None:
        self._photo = photo
        self._frame = RenderFrame(photo, rasteriser)
        self._network = network
        self._albedo = albedo_sized(photo.original.albedo)

    def picture(self, edited: ShownSkin) -> UInt8:
        """The photo with the edits, uint8 (H, W, 3) sRGB."""
        drawn = self._photo.drawn(edited)
        buffers = self._frame.buffers(edited, drawn)
        if buffers.share.any():
            added = self._network.added(buffers, self._albedo) * buffers.share[..., None]
            self._add(added, drawn)
        return drawn.picture

    def _add(self, added: Float32, drawn: Drawn) -> None:
        """Add what is (512, 512, 3) in the square to the picture, where an edit may have changed it."""
        height, width = drawn.picture.shape[:2]
        square = self._frame.box
        box = square.intersection(Rect(0, 0, width, height))
        size = (square.width, square.height)
        large = cv2.resize(added, size, interpolation=cv2.INTER_LINEAR)[box.relative_to(square).slices]
        part = drawn.picture[box.slices]
        where = self._edited(drawn, box)
        part[where] = np.clip(np.round(part[where] + large[where] * np.float32(255)), 0, 255).astype(np.uint8)

    def _edited(self, drawn: Drawn, box: Rect) -> Bool:
        """Pixels of a box that an edit may have changed."""
        places = self._photo.places[box.slices].copy()
        moved, inside = drawn.moved, np.zeros((box.height, box.width), bool)
        if moved is not None:
            both = moved.box.intersection(box)
            here, there = both.relative_to(box).slices, both.relative_to(moved.box).slices
            places[here] = moved.places[there]
            column = np.arange(both.x0, both.x1, dtype=np.float32)
            row = np.arange(both.y0, both.y1, dtype=np.float32)[:, None]
            inside[here] = (moved.x[there] != column) | (moved.y[there] != row)
            head = moved.head_box.intersection(box)
            inside[head.relative_to(box).slices] |= moved.missing[head.relative_to(moved.head_box).slices] > 0
        return inside | changed_at(drawn, places)
