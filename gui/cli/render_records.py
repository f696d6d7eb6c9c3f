"""Make the records that the rendering network learns from.

    python -m rhytid.gui.cli.render_records --out FOLDER [--people N] [--first-seed S]

People who do not exist are photographed with the program's own renderer and edited; each edit is drawn into the photo
by ratio images and rendered as it truly is. About ten seconds and 50 MB a person on one core. What is there already
stays, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

from rhytid.core.head.load import default_head
from rhytid.core.photo.photo_face import PhotoTools
from rhytid.core.training.photo_render_records import record_path, write_records
from rhytid.gui.render.fragments import GLRasteriser
from rhytid.gui.render.offscreen import standalone_context
from rhytid.gui.render.photo_edits import EditedPerson

FIRST_SEED = 500_000
"""Seeds that neither `evaluate-photo` nor the calibrations use."""


def make_records(folder: Path, first: int, count: int) -> None:
    """Add the records of persons `first` .. `first + count` that are not there."""
    with standalone_context() as ctx:
        rasteriser = GLRasteriser(ctx)
        tools = PhotoTools(default_head(), rasteriser)
        for seed in tqdm(range(first, first + count), unit="person"):
            if not record_path(folder, seed).exists():
                person = EditedPerson(tools, seed, ctx)
                write_records(folder, seed, person.albedo(), list(person.records(rasteriser)))
        rasteriser.release()


def main() -> None:
    """Make records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the records")
    parser.add_argument("--people", type=int, default=240, help="default 240")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help=f"default {FIRST_SEED}")
    options = parser.parse_args()
    make_records(options.out, options.first_seed, options.people)


if __name__ == "__main__":
    main()
