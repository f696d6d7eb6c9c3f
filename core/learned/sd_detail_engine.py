"""The SD-DeTail engine: static and dynamic detail (HiFace, Chai et al., ICCV 2023) behind `core.detail.engine.Engine`.

A generated face is its static detail, drawn by the seed for its age, plus the dynamic detail that the tension chooses,
with texture as strong as the model expects of plain skin, and the pores of the procedural engine. Its wrinkles are
part of the bases: strokes of the engine's own would double them.

Of an imported map, which may have been read out of a photograph, the codes are solved from its relief and the tension
of its expression (equations 4 to 9); where the map does not speak, the network's codes for that expression stand. What
the bases do not hold is carried along: its octave bands are strengthened or calmed, place by place, by what expressions
do to the relief of skin (`core.learned.expression_energy`), so that lines deepen and fade where this person has them.
Skin that is more compressed or stretched than at capture gets the dynamic detail of the codes, another age the
difference of static detail. Dynamic detail is never taken away by the bases, for a person's wrinkles lie where they do
and not where the bases have them. The map at rest is the person's static detail, and what an expression makes of it
beyond that the dynamic one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import skin
from rhytid.core.detail.engine import Control, Reposed
from rhytid.core.detail.engine_base import EngineBase
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail
from rhytid.core.learned.expression_energy import CELLS, ExpressionEnergy
from rhytid.core.learned.sd_detail import Codes, SdDetailModel
from rhytid.core.learned.skin_texture import texture
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import (
    BAND_EDGES_PX,
    ENERGY_FLOOR,
    cell_means,
    enlarged,
    log_energies,
    low_pass,
    octave_bands,
    soft_threshold,
)
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE, UNIT_MM

Float32 = npt.NDArray[np.float32]
_NEUTRAL = np.zeros(52, np.float32)
_LEAST_GAIN, _LARGEST_GAIN = 0.35, 2.5
_STILL = 0.02  # changes of a log amplitude up to this are none, and of detail in 0.1 mm
# Of the change of detail: a scan's wrinkles lie where they do, not where the bases have them.
_TRUST = 0.25
_LOCAL_CELLS = 1.0  # over which the energies of a map and of what is added are compared
_PLAIN_SHARE = 0.3  # of the face's cells are skin alone
_SKIN_AMPLITUDE = 0.6  # of what scans show there; the rest is the scanner's noise
_FINE_FROM = 1024
_LINE_BANDS = slice(1, 3)  # the octaves that wrinkles lie in


@dataclass(frozen=True, eq=False)
class _Fit:
    """What the model knows of an imported map."""

    detail: Float32  # (256, 256) in 0.1 mm
    codes: Codes
    log_energies: Float32  # (4, 32, 32)


@dataclass(frozen=True, eq=False)
class _Expected:
    """What the model expects of a person in a pose."""

    detail: Float32  # (256, 256) in 0.1 mm
    log_energies: Float32  # (4, 16, 16)


class SdDetailEngine(EngineBase):
    """See the module.

    Parameters
    ----------
    cache : ArrayCache
    model : SdDetailModel
    energy : ExpressionEnergy
    """

    def __init__(self, cache: ArrayCache, model: SdDetailModel, energy: ExpressionEnergy) -> None:
        super().__init__(cache)
        self._model = model
        self._energy = energy
        self._cells = cell_means(self._model.inside.astype(np.float32)) > 0.5

    def strokes(self, settings: EngineSettings) -> tuple[Stroke, ...]:
        """None: the bases have the wrinkles."""
        return ()

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """Static and dynamic detail and texture, float32 (resolution, resolution) in mm."""
        settings = pose.settings
        static = self._model.drawn_static(settings.seed, pose.age)
        strength = np.float32(settings.strength * UNIT_MM)
        expected = self._expected(static, pose)
        noise = texture(settings.seed, self._skin_energies(static, pose, expected), expected.detail)
        coarse = (expected.detail + noise * np.float32(settings.static_strength)) * strength
        control(0.1)
        result = resample(coarse, resolution)
        if resolution >= _FINE_FROM:
            result = skin.fine_surface(pose, resolution, control.part(0.1, 1.0)) + result
        return result

    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """The map in another pose; see the module."""
        settings = pose.settings
        plain = settings.strength == settings.static_strength == settings.dynamic_strength == 1
        if plain and _same_pose(captured, pose):
            return Reposed(displacement)
        fit = self._fit(displacement, source, captured)
        control(0.4)
        static, dynamic = np.float32(settings.static_strength), np.float32(settings.dynamic_strength)
        whole = np.float32(settings.strength)
        gains, added = self._edit(fit, captured, pose)
        moved = _moved(displacement, gains, added)
        control(0.6)
        if static != 1 or dynamic != 1:
            still, kept = self._edit(fit, captured, _at_rest(pose))
            rest = _moved(displacement, still, kept)
            moved = rest * static + (moved - rest) * dynamic
            gains = still * static + (gains - still) * dynamic
        lines = gains[_LINE_BANDS].mean(axis=0) * whole
        return Reposed(np.asarray(moved * whole, np.float32), np.asarray(lines, np.float32))

    def _edit(self, fit: _Fit, captured: Pose, pose: Pose) -> tuple[Float32, Float32]:
        """Gains of the bands (4, 256, 256), and detail to add (256, 256) in 0.1 mm, that bring a map into a pose."""
        model, codes = self._model, fit.codes
        then, now = (captured.age, captured.expression), (pose.age, pose.expression)
        change = self._energy.change(fit.log_energies, then, now)
        added = model.dynamic_detail(codes.compressed, codes.stretched, pose.tension, captured.tension)
        if pose.age != captured.age:
            aged = codes.static + model.mean_static(pose.age) - model.mean_static(captured.age)
            years = self._relaxed(aged, pose.age) - self._relaxed(codes.static, captured.age)
            change += np.stack([enlarged(band, CELLS) for band in years])
            added += model.static_detail(aged) - model.static_detail(codes.static)
        added = soft_threshold(added * np.float32(_TRUST), _STILL)
        return _band_gains(fit.detail, added, change), added

    def _energies(self, static: Float32, age: float, code: Float32, dynamic: float) -> Float32:
        """Log energies (4, 16, 16) of a code, what they have beyond those at rest times `dynamic`."""
        energies = self._model.log_energies(code)
        if dynamic == 1:
            return energies
        relaxed = self._relaxed(static, age)
        return relaxed + (energies - relaxed) * np.float32(dynamic)

    def _relaxed(self, static: Float32, age: float) -> Float32:
        """Log energies (4, 16, 16) that are expected at rest."""
        return self._model.log_energies(self._model.predicted(static, age, _NEUTRAL)[2])

    def _fit(self, displacement: Float32, source: SourceDetail, captured: Pose) -> _Fit:
        def make() -> _Fit:
            detail = resample(displacement, SIDE) / np.float32(UNIT_MM)
            evidence = self._model.evidence(detail, captured.tension, step=2)
            ordinary = self._model.ordinary(captured.age)
            static = evidence.codes(ordinary).static
            compressed, stretched, _ = self._model.predicted(static, captured.age, captured.expression)
            codes = evidence.codes(Codes(ordinary.static, compressed, stretched))
            return _Fit(detail, codes, log_energies(detail, CELLS))

        pose = (captured.age, captured.expression.tobytes(), captured.tension.tobytes())
        return self.kept((source.digest, len(displacement), pose), make)

    def _skin_energies(self, static: Float32, pose: Pose, expected: _Expected) -> Float32:
        """Log energies (4, 16, 16) of skin without lines and features, as the expression changes them.

        What cells with eyes, mouth, brows or a scan's border have beyond plain skin is no texture.
        """
        relaxed = self._relaxed(static, pose.age)
        plain = np.quantile(relaxed[:, self._cells], _PLAIN_SHARE, axis=1).astype(np.float32)
        brought = np.clip(expected.log_energies - relaxed, -1, 1)
        skin_only: Float32 = np.minimum(relaxed, plain[:, None, None]) + brought
        return skin_only + np.float32(2 * np.log(_SKIN_AMPLITUDE))

    def _expected(self, static: Float32, pose: Pose) -> _Expected:
        """Detail and energies of a static code in a pose, static and dynamic strength applied."""
        model, settings = self._model, pose.settings
        dynamic = np.float32(settings.dynamic_strength)
        compressed, stretched, code = model.predicted(static, pose.age, pose.expression)
        detail = model.static_detail(static) * np.float32(settings.static_strength)
        detail += model.dynamic_detail(compressed, stretched, pose.tension) * dynamic
        energies = self._energies(static, pose.age, code, settings.dynamic_strength)
        return _Expected(detail, energies)


def _at_rest(pose: Pose) -> Pose:
    return replace(pose, expression=_NEUTRAL, action_units={}, tension=np.zeros_like(pose.tension))


def _same_pose(a: Pose, b: Pose) -> bool:
    same = a.age == b.age and np.array_equal(a.expression, b.expression)
    return same and np.array_equal(a.tension, b.tension)


def _band_gains(detail: Float32, added: Float32, change: Float32) -> Float32:
    """Factors on the bands of `detail` that give the map with `added` its changed energies, (4, 256, 256).

    Of a band with energy e, in which the added detail has energy a and product c with it, g is to meet
    ``g^2 e + 2 g c + a = e exp(change)``.
    """
    gains = []
    for own, new, wanted in zip(octave_bands(detail), octave_bands(added), change, strict=True):
        e = _local_mean(own * own) + np.float32(ENERGY_FLOOR)
        a, c = _local_mean(new * new), _local_mean(own * new)
        root = np.sqrt(np.maximum(c * c + e * (e * np.exp(wanted) - a), 0))
        gain = np.clip((root - c) / e, _LEAST_GAIN, _LARGEST_GAIN)
        gains.append(np.exp(enlarged(soft_threshold(np.log(gain), _STILL))))
    return np.stack(gains)


def _local_mean(values: Float32) -> Float32:
    return low_pass(cell_means(values, CELLS), _LOCAL_CELLS)


def _moved(displacement: Float32, gains: Float32, added: Float32) -> Float32:
    """A map with its bands scaled and detail, in 0.1 mm, added."""
    return _with_gains(displacement, gains) + resample(added, len(displacement)) * np.float32(UNIT_MM)


def _with_gains(displacement: Float32, gains: Float32) -> Float32:
    """A map whose octave bands are scaled, what is finer than they with the finest."""
    side = len(displacement)
    scale = side / SIDE
    result = displacement.copy()
    fine = displacement
    for gain, sigma in zip(gains, BAND_EDGES_PX[1:], strict=True):
        coarse = low_pass(displacement, sigma * scale)
        result += (fine - coarse) * (resample(gain, side) - np.float32(1))
        fine = coarse
    return result
