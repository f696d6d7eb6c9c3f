"""Pictures of a played wrinkle pack beside the editor's, by the same camera, light and renderer.

The pack gives normals and colours alone. Its normals become the relief that the renderer wants by integration, over the
present shape of the head; darker folds and blood are those of its colour maps, the renderer's own are off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.face.face import Face
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io.map_pixels import write_png
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.normal_integration import integrate
from rhytid.core.maps.resample import resample
from rhytid.core.pack.expressions import Sample
from rhytid.core.pack.sampling import NEUTRAL, Sampler
from rhytid.core.pack.textures import color_texels
from rhytid.gui.render.offscreen import OffscreenRenderer, standalone_context
from rhytid.gui.render.pack_player import PackPlayer
from rhytid.gui.render.view_mode import ViewMode

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
SIZE = (800, 800)
_SAMPLES = 4
_TINT_MM, _TINTED = 0.3, 60
_BROWS, _EYE_CORNER = slice(17, 27), 45  # of 68 landmarks; the corner is the left eye's outer one
_CLOSE_MM = 190.0


@dataclass(frozen=True)
class View:
    """A camera and the light of its pictures; None is that of the face."""

    camera: Camera
    lighting: Lighting | None = None


WHOLE = View(Camera(distance_mm=360.0))
"""The face fills the picture: from farther away hardly a wrinkle shows."""


def close_views(head: Head) -> dict[str, View]:
    """Forehead and crow's feet from near, in raking light, where a missing wrinkle cannot hide."""
    marks = head.neutral[head.landmarks]
    brows, corner = marks[_BROWS].mean(axis=0), marks[_EYE_CORNER]
    forehead = (0.0, float(brows[1]) + 22.0, float(brows[2]))
    feet = (float(corner[0]) + 4.0, float(corner[1]), float(corner[2]))
    dim = Lighting(environment_intensity=0.25, key_intensity=3.0)
    return {
        # Wrinkles of the forehead lie across: light from above. Crow's feet spread from the eye: light from ahead.
        "forehead": View(Camera(0.0, 10.0, _CLOSE_MM, forehead), replace(dim, key_yaw_deg=15.0, key_pitch_deg=78.0)),
        "crow's feet": View(Camera(55.0, 0.0, _CLOSE_MM, feet), replace(dim, key_yaw_deg=-20.0, key_pitch_deg=55.0)),
    }


@dataclass(frozen=True)
class PictureScore:
    """How alike the pictures of an expression are on the face, SSIM: the pack's, and the neutral maps' alone."""

    name: str
    ssim: float
    without: float


def checked(
    face: Face, folder: Path, samples: Sequence[Sample], size: tuple[int, int] = SIZE, pictures: Path | None = None,
    view: View = WHOLE,
) -> list[PictureScore]:  # fmt: skip
    """Compare a pack with the editor.

    Parameters
    ----------
    face : Face
        Whose pack it is, at the pack's age.
    folder : Path
        Of the pack, with colours.
    samples : sequence of Sample
        Expressions to show.
    size : (width, height)
        Pixels.
    pictures : Path, optional
        Folder for the pictures: editor, pack and neutral maps side by side.
    view : View

    Raises
    ------
    ValueError
        A file of the pack is damaged, or it has no colours.
    NoOpenGLError
    """
    return list(_scores(face, folder, samples, size, pictures, view))


def _scores(
    face: Face, folder: Path, samples: Sequence[Sample], size: tuple[int, int], pictures: Path | None, view: View
) -> Iterator[PictureScore]:
    with standalone_context() as ctx:
        player = PackPlayer(ctx, folder)
        if not player.files.colors:
            raise ValueError(f"{folder}: the pack has no colours, which the comparison needs; write it with them")
        renderer = OffscreenRenderer(ctx, face.head, size)
        try:
            compare = _Comparison(face, player, renderer, view)
            for number, sample in enumerate(samples, 1):
                score, strip = compare.score(sample)
                if pictures is not None:
                    pictures.mkdir(parents=True, exist_ok=True)
                    write_png(pictures / f"{number:02d}.png", strip)
                yield score
        finally:
            renderer.release()
            player.release()


class _Comparison:
    def __init__(self, face: Face, player: PackPlayer, renderer: OffscreenRenderer, view: View) -> None:
        self._player, self._renderer, self._view = player, renderer, view
        self._sampler = Sampler(face.state, face.head, face.engines, player.files.side)
        self._skin = skin_colors(self._sampler.state(NEUTRAL), player.files.side, face.engines.cache)
        self._state = face.state

    def score(self, sample: Sample) -> tuple[PictureScore, UInt8]:
        pose = self._sampler.pose(sample.weights)
        turn = self._sampler.turn(pose)
        relief = self._sampler.displacement(sample.weights)
        editor = self._picture(pose.vertices, relief, pose.tension, self._skin)
        played = [self._played(pose.vertices, turn, weights) for weights in (sample.weights, NEUTRAL)]
        face = self._face_of(pose.vertices, relief)
        scores = [similarity(editor, picture, face) for picture in played]
        return PictureScore(sample.name, *scores), np.concatenate([editor, *played], axis=1)

    def _played(self, vertices: Float32, turn: Float32, weights: tuple[float, ...]) -> UInt8:
        normals, color = self._player.play(weights)
        relief = relief_of(normals, turn)
        skin = SkinColors(color_texels(color), self._skin.around, gloss=self._skin.gloss)
        return self._picture(vertices, relief, np.zeros((64, 64), np.float32), skin)

    def _picture(
        self, vertices: Float32, relief: Float32, tension: Float32, skin: SkinColors,
        view: ViewMode = ViewMode.DETAILED, samples: int = _SAMPLES,
    ) -> UInt8:  # fmt: skip
        return self._renderer.picture(
            vertices, relief, self._view.camera, self._view.lighting or self._state.lighting, view, samples,
            tension=tension, albedo=skin, iris=self._state.iris, enamel=self._state.enamel, scale_bar=False,
        )  # fmt: skip

    def _face_of(self, vertices: Float32, relief: Float32) -> npt.NDArray[np.bool_]:
        """Pixels of skin that takes detail, but for its edge."""
        flat, raised = (
            self._picture(vertices, np.full_like(relief, height), np.zeros((64, 64), np.float32), self._skin,
                          ViewMode.DISPLACEMENT, 1).astype(int)
            for height in (0.0, _TINT_MM)
        )  # fmt: skip
        tinted = (np.abs(raised - flat).sum(axis=2) > _TINTED).astype(np.uint8)
        return cv2.erode(tinted, np.ones((5, 5), np.uint8)) > 0


def relief_of(normals: Float32, turn: Float32) -> Float32:
    """Displacement (S, S) in mm whose normals fit unit normals (S, S, 3), y up.

    `turn` (r, r, 4) is that from the displacement's gradient to the normals, `core.maps.tangent_frame.chart_turn`.
    """
    side = len(normals)
    slopes = normals[..., :2] / np.maximum(normals[..., 2:], np.float32(0.05))
    back = np.linalg.inv(turn.reshape(*turn.shape[:2], 2, 2)).astype(np.float32) / np.float32(side)
    xx, xy, yx, yy = (resample(np.ascontiguousarray(back[..., i, k]), side) for i in range(2) for k in range(2))
    along_x = np.asarray(xx * slopes[..., 0] + xy * slopes[..., 1], np.float32)
    along_y = np.asarray(yx * slopes[..., 0] + yy * slopes[..., 1], np.float32)
    return integrate(along_x, along_y)


def similarity(a: UInt8, b: UInt8, mask: npt.NDArray[np.bool_]) -> float:
    """Mean SSIM (Wang et al. 2004: Gaussian window, sigma 1.5) of the grey pictures inside the mask."""
    from skimage.metrics import structural_similarity  # slow to import

    compared: Any = structural_similarity
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (a, b)]
    _, scores = compared(
        *grey, data_range=255, full=True, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(scores[mask].mean())
