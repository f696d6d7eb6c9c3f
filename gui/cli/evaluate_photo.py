"""Score what is read out of photos against photos of which everything is known.

The people are renders of the program's own head with random shapes, expressions, skins, lights and cameras; --scans
gives them the relief of scans. With --photos the landmarks of real photos are scored too, and their lines where a mask
lies beside a photo. Every figure stands beside its baseline and its goal.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.cli.options import add_overwrite_option, path

Figures = dict[str, dict[str, float]]
_FRONTAL_DEG = 10.0
_MASK_END = ".mask.png"
# row -> (figure, goal, more is better)
GOALS: dict[str, tuple[float, bool]] = {
    "landmarks, % of eye distance": (1.3, False),
    "lids, %": (1.8, False),
    "lips, %": (2.2, False),
    "neutral shape / mean face, frontal": (0.70, False),
    "neutral shape / mean face, all views": (0.80, False),
    "skin in the picture, mm": (1.2, False),
    "expression, frontal": (0.92, True),
    "expression, all views": (0.88, True),
    "albedo, mixed light, dB": (20.0, True),
    "albedo, side light, dB": (18.0, True),
    "relit, dB over one light": (3.0, True),
    "re-render, dB": (38.0, True),
    "re-render, SSIM": (0.96, True),
    "relief, correlation": (0.55, True),
    "relief, line F1": (0.55, True),
    "false lines, share": (0.10, False),
    "in the photo, lines and age, dB": (30.0, True),
    "in the photo, expression, dB": (30.0, True),
    "in the photo, obeys the relief": (0.85, True),
    "in the photo, unedited pixels changed": (0.0, False),
    "in the photo by network, lines and age, dB": (32.0, True),
    "in the photo by network, expression, dB": (32.0, True),
    "in the photo by network, obeys the relief": (0.85, True),
    "in the photo by network, unedited pixels changed": (0.0, False),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--people", type=int, default=24, metavar="N", help="renders; default 24")
    parser.add_argument("--scans", type=path, metavar="DIR", help="folder of scans as `evaluate` reads it")
    parser.add_argument("--photos", type=path, metavar="DIR", help="folder of photos")
    parser.add_argument(
        "--masks", type=path, metavar="DIR", help="folder of NAME.mask.png for photos NAME.*; default beside the photos"
    )
    parser.add_argument("--render-weights", type=path, metavar="DIR", help="another rendering network's, for its rows")
    parser.add_argument("--json", type=path, metavar="F", help="also write the figures to F")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the table. Returns 0."""
    from rhytid.core.files.outputs import outputs
    from rhytid.core.head.load import default_head
    from rhytid.core.photo.photo_face import PhotoTools
    from rhytid.gui.cli.evaluate_in_photo import in_photo_figures
    from rhytid.gui.render.offscreen import standalone_context

    written = [] if arguments.json is None else [arguments.json]
    with outputs(written, arguments.overwrite, [arguments.scans, arguments.photos, arguments.masks]):
        tools = PhotoTools(default_head())
        figures: Figures = {}
        with standalone_context() as ctx:
            figures.update(_of_people(tools, ctx, arguments.people))
            network = _render_network(arguments.render_weights)
            figures.update(in_photo_figures(tools, ctx, arguments.people, network))
            if arguments.scans is not None:
                figures.update(_of_scans(tools, ctx, arguments.scans))
        if arguments.photos is not None:
            figures.update(_of_photos(tools, arguments.photos, arguments.masks))
        for line in table(figures):
            print(line)
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


def _render_network(folder: Path | None) -> Any:
    from rhytid.core.learned.weights import PHOTO_RENDER, open_model
    from rhytid.core.photo.rendered_photo import RenderNetwork

    return RenderNetwork(open_model(PHOTO_RENDER, folder).onnx())


def table(figures: Figures) -> list[str]:
    """Lines of text: what, value, baseline, goal, and whether it is met."""
    lines = [f"{'':44}{'found':>9}{'baseline':>10}{'goal':>8}"]
    for name, row in figures.items():
        goal = GOALS.get(name)
        met = "" if goal is None else "  met" if (row["found"] >= goal[0]) == goal[1] or row["found"] == goal[0] else ""
        baseline = f"{row['baseline']:10.3f}" if "baseline" in row else " " * 10
        lines.append(f"{name:44}{row['found']:9.3f}{baseline}{'' if goal is None else f'{goal[0]:8.2f}':>8}{met}")
    return lines


def _of_people(tools: Any, ctx: Any, n_people: int) -> Figures:
    from rhytid.core.evaluation.photo_scores import fit_score
    from rhytid.gui.render.photo_people import portrait

    fits, colors = [], []
    clock = _Clock()
    for seed in range(n_people):
        side_lit = seed % 3 == 2
        truth = portrait(tools.head, seed, ctx, frontal=seed % 2 == 0, side_lit=side_lit)
        read = clock.read(truth.pixels, tools)
        if read is None:
            continue
        first, last = (
            fit_score(face.layer.fit, tools.head, truth.neutral, truth.posed, truth.sitting.expression, truth.camera)
            for face in (read[0], read[-1])
        )
        fits.append((abs(truth.sitting.yaw_deg) < _FRONTAL_DEG, first, last))
        colors.append((side_lit, _colors(tools, ctx, truth, read[-1])))
    figures = _fit_figures(fits)
    figures["faces found, share"] = {"found": len(fits) / max(n_people, 1)}
    figures.update(_color_figures(colors))
    figures.update(clock.figures())
    return figures


class _Clock:
    """Reads photos and keeps the seconds of each stage."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def read(self, pixels: npt.NDArray[np.uint8], tools: Any) -> list[Any] | None:
        """What each stage found, None where no face was."""
        from rhytid.core.photo.face_finder import NoFace
        from rhytid.core.photo.photo_face import read_photos

        found = []
        started = time.perf_counter()
        try:
            for face in read_photos([photo_of_pixels(pixels)], tools):
                found.append(face)
                now = time.perf_counter()
                self._seconds.setdefault(face.stage.value, []).append(now - started)
                started = now
        except NoFace:
            return None
        return found

    def figures(self) -> Figures:
        return {f"seconds: {name}": {"found": float(np.median(taken))} for name, taken in self._seconds.items()}


def photo_of_pixels(pixels: npt.NDArray[np.uint8]) -> Any:
    """A photo of a picture that never was a file."""
    import hashlib

    from rhytid.core.photo.image import Photo

    data = pixels.tobytes()
    return Photo("render", data, hashlib.sha256(data).hexdigest(), pixels, None)


def _fit_figures(fits: list[tuple[bool, Any, Any]]) -> Figures:
    """Figures of the refined fit; the baseline is that of the landmarks alone."""
    figures: Figures = {}
    for name, chosen in (("frontal", [one for one in fits if one[0]]), ("all views", fits)):
        if not chosen:
            continue
        first, last = [one[1] for one in chosen], [one[2] for one in chosen]
        figures[f"neutral shape / mean face, {name}"] = {
            "found": _median(last, "neutral_mm") / _median(last, "mean_face_mm"),
            "baseline": _median(first, "neutral_mm") / _median(first, "mean_face_mm"),
        }
        figures[f"expression, {name}"] = {
            "found": _median(last, "expression"),
            "baseline": _median(first, "expression"),
        }
    if fits:
        figures["skin in the picture, mm"] = {
            "found": _median([one[2] for one in fits], "posed_mm"),
            "baseline": _median([one[1] for one in fits], "posed_mm"),
        }
    return figures


def _median(scores: list[Any], field: str) -> float:
    return float(np.nanmedian([getattr(score, field) for score in scores]))


def _colors(tools: Any, ctx: Any, truth: Any, face: Any) -> dict[str, float]:
    import cv2

    from rhytid.core.document.state import Lighting
    from rhytid.core.evaluation.photo_scores import color_db, picture_db
    from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
    from rhytid.core.photo.unwrap import unwrap

    fit, light = face.layer.fit, face.layer.light
    seen = face.observation
    chart = unwrap(seen.linear, seen.masks, fit.vertices(tools.head), fit.camera, tools.raster(512), tools.rasteriser)
    where = chart.skin > 0.4

    def sized(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        return np.asarray(
            cv2.resize(np.ascontiguousarray(values, np.float32), (512, 512), interpolation=cv2.INTER_AREA)
        )

    true, found = sized(linear_from_srgb(truth.albedo / 255)), sized(face.albedo.map)
    one_light = chart.rgb / light.even_shading(chart.normal)
    again = found * light.shading(chart.normal)
    to_srgb = lambda linear: np.round(srgb_from_linear(linear) * 255).astype(np.uint8)  # noqa: E731
    other = Lighting(environment="studio", key_yaw_deg=-truth.lighting.key_yaw_deg, key_pitch_deg=20.0)
    pictures = {
        name: truth.under(
            other, to_srgb(cv2.resize(np.ascontiguousarray(albedo, np.float32), (1024, 1024))), tools.head, ctx
        )
        for name, albedo in (("true", true), ("found", found), ("one", np.where(where[..., None], one_light, found)))
    }
    skin = seen.masks.skin > 0.8
    difference = to_srgb(again)[where].astype(float) - to_srgb(chart.rgb)[where]
    return {
        "albedo": color_db(found, true, where),
        "photo": color_db(chart.rgb, true, where),
        "relit": picture_db(pictures["found"], pictures["true"], skin),
        "relit_one": picture_db(pictures["one"], pictures["true"], skin),
        "again": float(10 * np.log10(255**2 / (np.mean(difference**2) + 1e-9))),
        "ssim": _ssim(to_srgb(again), to_srgb(chart.rgb), where),
    }


def _ssim(found: npt.NDArray[np.uint8], true: npt.NDArray[np.uint8], where: npt.NDArray[np.bool_]) -> float:
    from skimage.metrics import structural_similarity

    shown = np.where(where[..., None], found, true)
    similar = structural_similarity(shown, true, channel_axis=2, full=True)[1]
    return float(similar.mean(axis=2)[where].mean())


def _color_figures(colors: list[tuple[bool, dict[str, float]]]) -> Figures:
    figures: Figures = {}
    for name, side_lit in (("mixed", False), ("side", True)):
        chosen = [one for side, one in colors if side == side_lit]
        if chosen:
            figures[f"albedo, {name} light, dB"] = {
                "found": float(np.median([one["albedo"] for one in chosen])),
                "baseline": float(np.median([one["photo"] for one in chosen])),
            }
    every = [one for _, one in colors]
    if every:
        gains = [one["relit"] - one["relit_one"] for one in every]
        figures["relit, dB over one light"] = {"found": float(np.median(gains)), "baseline": 0.0}
        figures["re-render, dB"] = {"found": float(np.median([one["again"] for one in every]))}
        figures["re-render, SSIM"] = {"found": float(np.median([one["ssim"] for one in every]))}
    return figures


def _of_scans(tools: Any, ctx: Any, folder: Path) -> Figures:
    import cv2

    from rhytid.core.evaluation.photo_scores import seen_in_the_picture
    from rhytid.core.evaluation.scans import ScanSet
    from rhytid.core.evaluation.scores import Reference
    from rhytid.core.maps.bands import low_pass
    from rhytid.core.photo.unwrap import unwrap
    from rhytid.gui.render.photo_people import portrait

    scans = ScanSet(folder)
    chosen = [scan for subject in scans.subjects for scan in scans.of_subject(subject)[3:18:7]]
    rows: dict[str, list[float]] = {}
    reads: list[npt.NDArray[np.float32]] = []
    for number, scan in enumerate(chosen):
        relief = np.nan_to_num(scan.displacement)
        truth = portrait(
            tools.head, 1000 + number, ctx, frontal=True, side_lit=number % 3 == 2, relief=relief,
            expression=scan.weights,
        )  # fmt: skip
        read = _Clock().read(truth.pixels, tools)
        if read is None:
            continue
        face = read[-1]
        fit, seen = face.layer.fit, face.observation
        chart = unwrap(
            seen.linear, seen.masks, fit.vertices(tools.head), fit.camera, tools.raster(256), tools.rasteriser
        )
        wanted, known = seen_in_the_picture(
            relief, chart.pixel, truth.posed, tools.head, truth.camera, tools.rasteriser
        )
        found = np.asarray(cv2.resize(face.relief.displacement, (256, 256), interpolation=cv2.INTER_AREA), np.float32)
        where = known & scans.mask & (chart.skin > 0.5)
        if not where.any():
            continue
        reference = Reference(wanted, where)
        bright = np.log(np.maximum(chart.rgb[..., 1], 2e-3))
        dark = (bright - low_pass(np.ascontiguousarray(bright), 10.0)).astype(np.float32)
        dark *= np.float32(wanted[where].std() / max(float(dark[where].std()), 1e-9))
        scores = {"relief": reference.score(found), "dark": reference.score(dark)}
        if reads:
            scores["other"] = reference.score(reads[-1])
        reads.append(found)
        for name, score in scores.items():
            rows.setdefault(f"{name} correlation", []).append(score.correlation)
            rows.setdefault(f"{name} line F1", []).append(score.line_f1)
    mean = {name: float(np.mean(values)) for name, values in rows.items()}
    figures: Figures = {}
    for what in ("correlation", "line F1"):
        figures[f"relief, {what}"] = {"found": mean[f"relief {what}"], "baseline": mean[f"dark {what}"]}
        if f"other {what}" in mean:
            figures[f"control: another face's relief, {what}"] = {"found": mean[f"other {what}"]}
    return figures


def _of_photos(tools: Any, folder: Path, masks: Path | None) -> Figures:
    from rhytid.core.cli.photo_batch import photos_below
    from rhytid.core.photo.embedding import FITTED, landmark_places
    from rhytid.core.photo.image import read_photo
    from rhytid.core.photo.landmarks import LIDS, LIPS
    from rhytid.core.photo.photo_face import read_photos

    rows, scored = [], {}
    for file in photos_below(folder, folder / "none"):
        if file.name.endswith(_MASK_END):
            continue
        reading = read_photos([read_photo(file)], tools)
        face = next(reading)
        fit, landmarks = face.layer.fit, face.observation.landmarks
        points = fit.camera.project(landmark_places(tools.head).of(fit.vertices(tools.head)))
        off = 100 * np.linalg.norm(points - landmarks.points[list(FITTED)], axis=1) / landmarks.eye_distance
        of = {number: off[row] for row, number in enumerate(FITTED)}
        rows.append([off.mean(), *(np.mean([of[k] for k in ring if k in of]) for ring in (LIDS, LIPS))])
        mask = (file.parent if masks is None else masks) / f"{file.stem}{_MASK_END}"
        if mask.exists():
            scored[str(file.relative_to(folder))] = _lines(tools, list(reading)[-1], mask)
    mean = np.mean(rows, axis=0)
    names = ("landmarks, % of eye distance", "lids, %", "lips, %")
    figures = {name: {"found": float(value)} for name, value in zip(names, mean, strict=True)}
    return {**figures, **_line_figures(scored)}


def _lines(tools: Any, face: Any, mask: Path) -> Any:
    """Lengths of the lines of a photo against a mask of where none can be.

    Raises
    ------
    ValueError
        The mask is of another size than the photo.
    """
    from rhytid.core.evaluation.photo_scores import line_lengths
    from rhytid.core.photo.image import read_photo

    false = read_photo(mask).pixels.mean(axis=2) > 127
    height, width = face.observation.pixels.shape[:2]
    if false.shape != (height, width):
        raise ValueError(f"{mask}: {false.shape[1]} x {false.shape[0]} px; its photo has {width} x {height}")
    return line_lengths(face.relief.lines, face.layer.fit, tools.raster(256), false)


def _line_figures(scored: dict[str, Any]) -> Figures:
    """The share of false lines of all photos together, and the length that is kept of each."""
    if not scored:
        return {}
    whole = sum(one.all_px for one in scored.values())
    figures: Figures = {
        "false lines, share": {"found": sum(one.false_px for one in scored.values()) / max(whole, 1e-9)}
    }
    for name, one in scored.items():
        figures[f"false lines, {name}"] = {"found": one.false_px / max(one.all_px, 1e-9)}
        figures[f"true lines, mm, {name}"] = {"found": one.true_mm}
    return figures
