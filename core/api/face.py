"""`Face` with a picture of it, which needs OpenGL and no display."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import VIEWPORT
from rhytid.core.face import face
from rhytid.core.face.in_photo import PhotoEdits
from rhytid.core.given import given_whole
from rhytid.core.photo.rasteriser import NumpyRasteriser


class Face(face.Face):
    """A head with everything that is set on it, as `core.face.face.Face` describes it, and pictures of it.

    >>> face = Face()
    >>> face.expression = {"browInnerUp": 1.0}
    >>> face.age = 60
    >>> face.picture(size=(64, 48), resolution=256).shape
    (48, 64, 3)
    """

    _in_photo: tuple[int | None, PhotoEdits] | None = None

    def picture(
        self,
        view: str = "detailed",
        size: tuple[int, int] = (1280, 960),
        *,
        resolution: int = VIEWPORT,
        samples: int = 8,
        **camera: Any,
    ) -> npt.NDArray[np.uint8]:
        """What the viewport shows at rest.

        Parameters
        ----------
        view : str
            "detailed", "smooth", "normals", "displacement", "tension", "wireframe" or "chart".
        size : (width, height)
            Pixels, each 1..8192.
        resolution : int
            Texels per side of the detail.
        samples : int
            Samples per pixel, 1..64.
        **camera
            Fields of `core.document.state.Camera` that differ from the face's own: ``yaw_deg``, ``pitch_deg``,
            ``distance_mm``, ``target_mm``, ``fov_deg``.

        Returns
        -------
        uint8 (height, width, 3)
            sRGB, row 0 on top.

        Raises
        ------
        ValueError
            There is no such view, or a value is out of range.
        OSError
            There is no OpenGL 4.1 here; the message says what to install.

        Examples
        --------
        >>> Face().picture("normals", (64, 48), resolution=256, yaw_deg=30.0).shape
        (48, 64, 3)
        """
        from rhytid.gui.render.face_picture import face_picture
        from rhytid.gui.render.offscreen import NoOpenGLError

        try:
            return face_picture(self, view, size, resolution=resolution, samples=samples, **camera)
        except NoOpenGLError as error:
            raise OSError(str(error)) from None

    def in_photo(self, longest_px: int | None = None) -> npt.NDArray[np.uint8]:
        """The photo that the face was made from, with every edit in it; needs no OpenGL.

        Pixels that no edit reaches are the photo's, bit for bit.

        Parameters
        ----------
        longest_px : int, optional
            Of a smaller picture, 64..8192; as large as the photo by default.

        Returns
        -------
        uint8 (height, width, 3)
            sRGB, row 0 on top.

        Raises
        ------
        ValueError
            The face was not made from a photo; the message says what to do.
        """
        if longest_px is not None:
            longest_px = given_whole(longest_px, 64, 8192, "longest_px")
        if self._in_photo is None or self._in_photo[0] != longest_px:
            self._in_photo = longest_px, PhotoEdits(self._maker, NumpyRasteriser(), longest_px=longest_px)
        return self._in_photo[1].picture(self.state, self.head, self.pose())
