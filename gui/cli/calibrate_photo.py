"""Write `resources/photo`: where landmarks lie on the head, how the detector errs, what shading leaves out, and what
landmarks lead one to expect of a head.

    python -m rhytid.gui.cli.calibrate_photo --work FOLDER [--persons N] [--out FOLDER]

Random people are photographed with the program's own renderer, three pictures each. What was found in them stays in the
working folder, with the pictures of the first people, so that a run that was stopped goes on where it was. About two
seconds a person on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.photo.calibrate import Sample, find_places, measure_errors
from rhytid.core.photo.calibrate_guess import learn_guess
from rhytid.core.photo.calibrate_shading import measured_shading, shading_rest
from rhytid.core.photo.embedding import places_at
from rhytid.core.photo.face_finder import FaceFinder, NoFace
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.sitting import Sitting, random_sitting
from rhytid.core.resources import resource
from rhytid.gui.render.offscreen import standalone_context
from rhytid.gui.render.sitting_photos import PhotoRenders

SIZE = (640, 640)
N_VIEWS = 3
_EMBEDDED = 120  # pictures are enough to find the landmarks' places
_SHADED = 160  # persons are enough to know what shading leaves out

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]


def sittings(head: Head, person: int) -> Iterator[tuple[Sitting, np.random.Generator]]:
    """The pictures of a person, the first from the front, and what their skin and light are drawn from."""
    who = random_sitting(head, np.random.default_rng([77, person]))
    for view in range(N_VIEWS):
        rng = np.random.default_rng([78, person, view])
        there = random_sitting(head, rng, frontal=view == 0)
        yield replace(there, identity=who.identity, expression=who.expression), rng


def take_pictures(head: Head, folder: Path, persons: int) -> Iterator[tuple[Sitting, Float32, UInt8 | None]]:
    """The pictures' sittings, the points (478, 2) found in each, none where no face was, and the first pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    finder = FaceFinder.load()
    with standalone_context() as ctx:
        renders = PhotoRenders(ctx, head, SIZE)
        for person in range(persons):
            for view, (sitting, rng) in enumerate(sittings(head, person)):
                path = folder / f"{N_VIEWS * person + view:05d}.png"
                kept = person < _SHADED
                picture = cv2.imread(str(path))[..., ::-1] if kept and path.exists() else None
                found = path.with_suffix(".npy")
                if picture is None and (kept or not found.exists()):
                    picture = renders.picture(sitting, rng)
                    if kept:
                        cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1]))
                if picture is not None and not found.exists():
                    np.save(found, _points(finder, np.ascontiguousarray(picture)))
                yield sitting, np.load(found), picture if kept else None
        renders.release()


def _points(finder: FaceFinder, picture: UInt8) -> Float32:
    try:
        return finder.landmarks(picture, finder.find(picture)[0]).points
    except NoFace:
        return np.zeros((0, 2), np.float32)


def calibrate(work: Path, persons: int, out: Path) -> None:
    """Make the resources."""
    head, rasteriser = default_head(), NumpyRasteriser()
    samples, rests = [], []
    for sitting, points, picture in take_pictures(head, work, persons):
        if len(points):
            samples.append(Sample(sitting, SIZE, points))
        if picture is not None:
            rests.append(shading_rest(head, sitting, picture, rasteriser))
    print(f"a face was found in {len(samples)} of {N_VIEWS * persons} pictures")
    chart = find_places(head, samples[:_EMBEDDED])
    places = places_at(head, chart)
    error = measure_errors(head, places, samples)
    shading = measured_shading(rests)
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "embedding.npz", chart=chart)
    names = ("by_view", "by_identity", "by_expression", "modes", "sigma")
    np.savez_compressed(out / "detector_error.npz", **{n: getattr(error, n).astype(np.float16) for n in names})
    names = ("mean", "modes", "sigma")
    np.savez_compressed(out / "shading_error.npz", **{n: getattr(shading, n).astype(np.float16) for n in names})
    guess = learn_guess(head, places, samples, error)
    arrays = {field.name: getattr(guess, field.name).astype(np.float32) for field in fields(guess)}
    arrays["directions"] = arrays["directions"].astype(np.float16)
    np.savez_compressed(out / "first_guess.npz", **arrays)


def main() -> None:
    """Calibrate with the detector that is installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what was found")
    parser.add_argument("--persons", type=int, default=1900)
    parser.add_argument("--out", type=Path, default=resource("photo"))
    options = parser.parse_args()
    calibrate(options.work, options.persons, options.out)


if __name__ == "__main__":
    main()
