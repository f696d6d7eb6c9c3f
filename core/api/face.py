"""`Face` with a picture of it, which needs OpenGL and no display."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import VIEWPORT
from rhytid.core.document.expression import effective_expression
from rhytid.core.face import face
from rhytid.core.face.in_photo import PhotoEdits
from rhytid.core.given import given_number, given_whole, known_options
from rhytid.core.head.load import default_head
from rhytid.core.io.motion import Motion
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.rendered_photo import PhotoRenderer

if TYPE_CHECKING:
    from rhytid.core.pack.writing import PackReport


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

    def in_photo(self, longest_px: int | None = None, renderer: str = "ratio") -> npt.NDArray[np.uint8]:
        """The photo that the face was made from, with every edit in it; needs no OpenGL.

        Pixels that no edit reaches are the photo's, bit for bit.

        Parameters
        ----------
        longest_px : int, optional
            Of a smaller picture, 64..8192; as large as the photo by default.
        renderer : str
            "ratio" for ratio images, "network" for the rendering network.

        Returns
        -------
        uint8 (height, width, 3)
            sRGB, row 0 on top.

        Raises
        ------
        ValueError
            The face was not made from a photo, there is no such renderer, or its network is damaged; the message
            says what to do.
        """
        if renderer not in (names := [one.value for one in PhotoRenderer]):
            raise ValueError(f"{renderer!r} is no renderer; {' and '.join(names)} are")
        if longest_px is not None:
            longest_px = given_whole(longest_px, 64, 8192, "longest_px")
        if self._in_photo is None or self._in_photo[0] != longest_px:
            self._in_photo = longest_px, PhotoEdits(self._maker, NumpyRasteriser(), longest_px=longest_px)
        return self._in_photo[1].picture(self.state, self.head, self.pose(), renderer=PhotoRenderer(renderer))

    def write_wrinkle_pack(
        self,
        folder: str | os.PathLike[str],
        *,
        progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        **options: Any,
    ) -> PackReport:
        """Write a wrinkle-map pack of the face at its age: what engines need to show its wrinkles at any expression.

        Takes minutes. All files are written and read back, or none is.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        progress, cancel : callable, optional
            As of `core.io.export.export`.
        **options
            Fields of `core.pack.options.PackOptions`: ``layout``, ``budget``, ``size``, ``green`` ...

        Raises
        ------
        ValueError
            An option that there is not, or one out of range.
        ExportError
            The folder cannot be written, or a file did not read back as it should; nothing is left.
        """
        from rhytid.core.pack.options import PackOptions
        from rhytid.core.pack.writing import write_pack

        known_options(options, (field.name for field in fields(PackOptions)), "a wrinkle pack")
        made = PackOptions(**options)
        return write_pack(self.state, self.head, self.engines, Path(folder), made, progress, cancel)

    def driven_by(
        self,
        driver: str | os.PathLike[str] | face.Face | Mapping[str, float] | Motion,
        *,
        fps: float | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
    ) -> Iterator[float]:
        """Wear the expression of a driver, and one frame after the other where it moves.

        Expression and action units change, and how the head is turned where a recording says so: the face stays the
        person that it is. The first frame is worn at
        once; each step of what is returned wears the next one and gives its time.

        Parameters
        ----------
        driver : path, Face, mapping or Motion
            A recording of ARKit weights (CSV of Live Link Face, JSON and others), a photo, a project, another face, or
            weights 0..1 by name.
        fps : float, optional
            Frames a second; the recording's own rows by default.
        start_s, end_s : float
            Part of the recording, in seconds.

        Returns
        -------
        iterator of float
            Times in s; a single 0.0 for what holds still.

        Raises
        ------
        ValueError
            The driver cannot be read or shows no face; the message names it and says what to do.
        OSError
            A file cannot be opened.

        Examples
        --------
        >>> face = Face()
        >>> _ = face.driven_by({"jawOpen": 0.5})
        >>> face.expression
        {'jawOpen': 0.5}
        """
        from rhytid.core.face.driven import worn_at  # the networks' runtime is slow to import

        motion = self._motion(driver)
        rate = None if fps is None else given_number(fps, "fps")
        end = None if end_s is None else given_number(end_s, "end_s")
        times = motion.frame_times(rate, given_number(start_s, "start_s"), end)

        def wear(time_s: float) -> float:
            self.state = worn_at(motion, time_s).apply(self.state)
            return time_s

        wear(float(times[0]))
        return map(wear, map(float, times))

    def _motion(self, driver: object) -> Motion:
        from rhytid.core.face.driven import motion_of_weights, read_driver

        if isinstance(driver, Motion):
            return driver
        if isinstance(driver, face.Face):
            return Motion.still("face", effective_expression(driver.state))
        if isinstance(driver, Mapping):
            return motion_of_weights(driver)
        return read_driver(driver, default_head())  # type: ignore[arg-type]
