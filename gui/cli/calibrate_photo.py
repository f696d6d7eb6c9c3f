"""Write `resources/photo`: where landmarks lie on the head, how the detector errs, and what shading leaves out.

    python -m rhytid.gui.cli.calibrate_photo --work FOLDER [--persons N] [--out FOLDER]

Random people are photographed with the program's own renderer, three pictures each; pictures and what was found in
them stay in the working folder, so that a run that was stopped goes on where it was. About two seconds a person on one
core.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.photo.calibrate import Sample, find_places, measure_errors
from rhytid.core.photo.calibrate_shading import measured_shading, shading_rest
from rhytid.core.photo.embedding import places_at
from rhytid.core.photo.face_finder import FaceFinder
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.sitting import Sitting, random_sitting
from rhytid.core.resources import resource
from rhytid.gui.render.offscreen import standalone_context
from rhytid.gui.render.sitting_photos import PhotoRenders

SIZE = (640, 640)
N_VIEWS = 3
_EMBEDDED = 120  # pictures are enough to find the landmarks' places


def sittings(head: Head, person: int) -> Iterator[tuple[Sitting, np.random.Generator]]:
    """The pictures of a person, the first from the front, and what their skin and light are drawn from."""
    who = random_sitting(head, np.random.default_rng([77, person]))
    for view in range(N_VIEWS):
        rng = np.random.default_rng([78, person, view])
        there = random_sitting(head, rng, frontal=view == 0)
        yield replace(there, identity=who.identity, expression=who.expression), rng


def take_pictures(head: Head, folder: Path, persons: int) -> Iterator[tuple[Sitting, npt.NDArray[np.uint8]]]:
    """Pictures of all persons, uint8 sRGB; those that are in the folder are read."""
    folder.mkdir(parents=True, exist_ok=True)
    with standalone_context() as ctx:
        renders = PhotoRenders(ctx, head, SIZE)
        for person in range(persons):
            for view, (sitting, rng) in enumerate(sittings(head, person)):
                path = folder / f"{N_VIEWS * person + view:05d}.png"
                picture = cv2.imread(str(path)) if path.exists() else None
                if picture is None:
                    picture = np.ascontiguousarray(renders.picture(sitting, rng)[..., ::-1])
                    cv2.imwrite(str(path), picture)
                yield sitting, picture[..., ::-1]
        renders.release()


def calibrate(work: Path, persons: int, out: Path) -> None:
    """Make the resources."""
    head, finder, rasteriser = default_head(), FaceFinder.load(), NumpyRasteriser()
    samples, rests = [], []
    for sitting, pixels in take_pictures(head, work, persons):
        found = finder.find(pixels)
        if found:
            samples.append(Sample(sitting, SIZE, finder.landmarks(pixels, found[0]).points))
        rests.append(shading_rest(head, sitting, pixels, rasteriser))
    print(f"a face was found in {len(samples)} of {len(rests)} pictures")
    chart = find_places(head, samples[:_EMBEDDED])
    error = measure_errors(head, places_at(head, chart), samples)
    shading = measured_shading(rests)
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "embedding.npz", chart=chart)
    names = ("by_view", "by_identity", "by_expression", "modes", "sigma")
    np.savez_compressed(out / "detector_error.npz", **{n: getattr(error, n).astype(np.float16) for n in names})
    names = ("mean", "modes", "sigma")
    np.savez_compressed(out / "shading_error.npz", **{n: getattr(shading, n).astype(np.float16) for n in names})


def main() -> None:
    """Calibrate with the detector that is installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the pictures")
    parser.add_argument("--persons", type=int, default=160)
    parser.add_argument("--out", type=Path, default=resource("photo"))
    options = parser.parse_args()
    calibrate(options.work, options.persons, options.out)


if __name__ == "__main__":
    main()
