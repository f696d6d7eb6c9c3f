"""Do the program's faces read as people? A detector and landmarks that others made look for them in renders.

Random people at three ages, in four expressions, from directions out to 40 degrees, each drawn as the editor draws it.
A landmark is right as far as it lies where the head has that point; those whose skin looks away from the camera, where
the outline is seen in their stead, are left out. Each face is looked at in the mirror as well: the detector has a side
of its own, which is no fault of a face.
"""

from __future__ import annotations

import argparse
import json
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from rhytid.core.cli.options import add_overwrite_option, path

AGES = (20.0, 45.0, 70.0)
EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "smile": {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5},
    "surprise": {"jawOpen": 0.5, "browInnerUp": 0.8, "browOuterUpLeft": 0.7, "browOuterUpRight": 0.7},
    "anger": {"browDownLeft": 0.9, "browDownRight": 0.9, "mouthFrownLeft": 0.4, "mouthFrownRight": 0.4},
}
MOST_YAW_DEG = 40.0
SIDE_PX = 640
DETAIL = 512
_LEAST_COSINE = 0.3  # of the angle between skin and direction of view
GOAL_PERCENT = 3.0  # of the eye distance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--people", type=int, default=60, metavar="N", help="default 60")
    parser.add_argument("--pictures", type=path, metavar="DIR", help="also write every picture that fails to DIR")
    parser.add_argument("--json", type=path, metavar="F", help="also write the figures to F")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the figures. Returns 0."""
    from rhytid.core.files.outputs import outputs
    from rhytid.core.io.map_pixels import write_picture

    written = [] if arguments.json is None else [arguments.json]
    with outputs(written, arguments.overwrite, []):
        rows = []
        if arguments.pictures is not None:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
        for name, picture, row in tqdm(
            _looked_at(arguments.people), total=arguments.people * len(AGES) * len(EXPRESSIONS), unit="face"
        ):
            rows.append(row)
            if arguments.pictures is not None and (row["error"] is None or row["error"] > GOAL_PERCENT):
                write_picture(arguments.pictures / f"{name}.png", picture)
        figures = summary(rows)
        for line in table(figures):
            print(line)
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


def _looked_at(n_people: int) -> Any:
    """Name, picture and row of every face; the direction is drawn for each."""
    from rhytid.core.document.state import Camera
    from rhytid.core.face.face import Face
    from rhytid.core.photo.embedding import landmark_places
    from rhytid.core.photo.face_finder import FaceFinder, NoFace
    from rhytid.core.photo.landmarks import N_MESH
    from rhytid.gui.render.camera import clip_from_view, position_mm, view_from_head
    from rhytid.gui.render.face_picture import FacePictures

    finder, face = FaceFinder.load(), Face()
    places = landmark_places(face.head)
    turned = np.random.default_rng(0)
    for person in range(n_people):
        for age, (expression, weights) in product(AGES, EXPRESSIONS.items()):
            face.be_random(person)
            face.age, face.expression = age, weights
            yaw_deg = float(turned.uniform(-MOST_YAW_DEG, MOST_YAW_DEG))
            pictures = FacePictures(face, "detailed", (SIDE_PX, SIDE_PX), resolution=DETAIL, samples=2, yaw_deg=yaw_deg)
            with pictures:
                picture = pictures.picture()
            camera = Camera(**{**vars(face.state.camera), "yaw_deg": yaw_deg})
            vertices = face.pose().vertices
            points = places.of(vertices)[:N_MESH]
            first, second, third = np.moveaxis(vertices[places.corners[:N_MESH]].astype(np.float64), 1, 0)
            normals = np.cross(second - first, third - first)
            towards = position_mm(camera) - points
            cosine = (normals * towards).sum(1) / np.linalg.norm(normals, axis=1) / np.linalg.norm(towards, axis=1)
            seen = cosine > _LEAST_COSINE
            clip = np.c_[points, np.ones(len(points))] @ (clip_from_view(camera, 1.0) @ view_from_head(camera)).T
            true_px = (clip[:, :2] / clip[:, 3:] * (1, -1) + 1) * SIDE_PX / 2
            row = {"person": person, "age": age, "expression": expression, "yaw": yaw_deg, "error": None}
            try:
                found = finder.landmarks(picture, finder.find(picture)[0], both_ways=True)
                row["error"] = _error_percent(found.points[:N_MESH][seen] - true_px[seen], points, clip[:, 3])
            except NoFace:
                pass
            yield f"{person}_{age:.0f}_{expression}", picture, row


def _error_percent(
    off_px: npt.NDArray[np.floating], points: npt.NDArray[np.floating], depth_mm: npt.NDArray[np.floating]
) -> float:
    """Mean distance in percent of that between the outer corners of the eyes, were they seen from the front."""
    from rhytid.core.document.state import Camera
    from rhytid.core.photo.landmarks import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER

    corners = [LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER]
    px_per_mm = SIDE_PX / (2 * np.tan(np.radians(Camera().fov_deg / 2)) * depth_mm[corners].mean())
    eye_distance_px = px_per_mm * np.linalg.norm(points[corners[0]] - points[corners[1]])
    return float(100 * np.linalg.norm(off_px, axis=1).mean() / eye_distance_px)


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Share that was found, and median and 95th percentile of the landmarks' error in percent of the eye distance.

    Of all faces, and by age, expression and direction.
    """
    groups = {"all": rows}
    groups |= {f"{age:.0f} years": [row for row in rows if row["age"] == age] for age in AGES}
    groups |= {name: [row for row in rows if row["expression"] == name] for name in EXPRESSIONS}
    groups |= {
        f"{low} to {low + 20} degrees": [row for row in rows if low <= abs(row["yaw"]) < low + 20] for low in (0, 20)
    }
    return {name: _figures(group) for name, group in groups.items() if group}


def _figures(rows: list[dict[str, Any]]) -> dict[str, float]:
    errors = [row["error"] for row in rows if row["error"] is not None]
    figures = {"n": float(len(rows)), "found": len(errors) / len(rows)}
    if errors:
        figures |= {"median": float(np.median(errors)), "p95": float(np.percentile(errors, 95))}
        figures["within"] = sum(error <= GOAL_PERCENT for error in errors) / len(rows)
    return figures


def table(figures: dict[str, dict[str, float]]) -> list[str]:
    """Lines of text."""
    lines = [f"{'':20}{'n':>6}{'found':>8}{'median %':>10}{'p95 %':>8}{'within 3 %':>12}"]
    for name, row in figures.items():
        values = "".join(
            f"{row[key]:{width}.{digits}f}" if key in row else " " * width
            for key, width, digits in (("found", 8, 3), ("median", 10, 2), ("p95", 8, 2), ("within", 12, 3))
        )
        lines.append(f"{name:20}{row['n']:6.0f}{values}")
    return lines
