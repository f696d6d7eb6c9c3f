"""`python -m rhytid.core.head.build --ict DIR --landmarks FILE --out FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from rhytid.core.head.build.assemble import build_head
from rhytid.core.head.report import read_landmark_targets
from rhytid.core.head.store import read_head, save_head


def main() -> None:
    """Build the default head from ICT-FaceKit Light."""
    parser = argparse.ArgumentParser(prog="python -m rhytid.core.head.build", description=main.__doc__)
    parser.add_argument("--ict", type=Path, required=True, help="folder with ict_facekit_light.npz, or OBJ files")
    parser.add_argument(
        "--landmarks",
        type=Path,
        required=True,
        help='JSON {"landmarks": [[x, y] or null, ...]}: chart coordinates of the 68 iBUG landmarks',
    )
    parser.add_argument("--chart", type=Path, metavar="HEAD", help="keep chart and texture layout of this head's skin")
    parser.add_argument("--out", type=Path, required=True, help=".npz or .safetensors to write")
    arguments = parser.parse_args()
    kept = None if arguments.chart is None else read_head(arguments.chart)
    head = build_head(arguments.ict, read_landmark_targets(arguments.landmarks), arguments.out, kept)
    save_head(head, arguments.out)
    print(f"{arguments.out}: {head.n_skin} skin vertices, {len(head.neutral)} in all, digest {head.digest[:12]}")


if __name__ == "__main__":
    main()
