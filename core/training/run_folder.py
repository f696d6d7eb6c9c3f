"""The folder of a training run: `config.json`, `stats.jsonl`, checkpoints, pictures, records and the export.

::

    RUN/config.json                    what the run was started with
    RUN/stats.jsonl                    a line of mean losses every few seconds
    RUN/checkpoints/step-00001200/     the last two states, see `checkpoint`
    RUN/pictures/step-00001200.png     the fixed samples
    RUN/records/                       where records are made for this run
    RUN/export/                        weights and ONNX files as they would be shipped
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.files.writing import replacing
from rhytid.core.training.checkpoint import VALUES_NAME, CheckpointError, read_state, write_state

CHECKPOINTS_KEPT = 2
_STEP_NAME = re.compile(r"step-(\d{8,})")


class RunFolder:
    """Reads and writes what a run leaves behind.

    Parameters
    ----------
    path : Path
        Need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.json"
        self.stats = path / "stats.jsonl"
        self.records = path / "records"
        self.export = path / "export"

    @property
    def started(self) -> bool:
        """A run was started here."""
        return self.config.exists()

    @property
    def resumable(self) -> bool:
        """There is a checkpoint to go on from."""
        return bool(self._steps())

    def make(self) -> None:
        """Make the folder.

        Raises
        ------
        ValueError
            Something else lies there already.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"{self.path} is a file; name a folder for the run")
        if self.path.is_dir() and not self.started and any(self.path.iterdir()):
            raise ValueError(f"{self.path}: not empty and not a training run; name another folder")
        self.path.mkdir(parents=True, exist_ok=True)

    def append_stats(self, values: Mapping[str, float]) -> None:
        """Add one line to `stats.jsonl`."""
        with self.stats.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps({key: round(value, 6) for key, value in values.items()}) + "\n")

    def forget_stats_after(self, step: int) -> None:
        """Take out lines of steps that a resumed run does again, and a last line that was cut off."""
        if not self.stats.exists():
            return
        kept = []
        for line in self.stats.read_text("utf-8").splitlines():
            try:
                if json.loads(line)["step"] <= step:
                    kept.append(line + "\n")
            except (ValueError, KeyError, TypeError):
                continue
        with replacing(self.stats) as temporary:
            temporary.write_text("".join(kept), "utf-8", newline="\n")

    def write_checkpoint(self, step: int, state: dict[str, Any]) -> None:
        """Write `state` of `step`; of the older ones the last stays."""
        write_state(self._checkpoint(step), state)
        for old in self._steps()[:-CHECKPOINTS_KEPT]:
            shutil.rmtree(self._checkpoint(old), ignore_errors=True)

    def read_checkpoint(self) -> dict[str, Any]:
        """The newest state.

        Raises
        ------
        CheckpointError
            There is none, or it is damaged.
        """
        steps = self._steps()
        if not steps:
            raise CheckpointError(f"{self.path}: no checkpoint to resume from; start the run without --resume")
        return read_state(self._checkpoint(steps[-1]))

    def write_picture(self, step: int, picture: npt.NDArray[np.uint8]) -> Path:
        """Write the fixed samples at `step`, uint8 (H, W) or (H, W, 3) as RGB."""
        path = self.path / "pictures" / f"step-{step:08d}.png"
        path.parent.mkdir(exist_ok=True)
        ordered = picture[..., ::-1] if picture.ndim == 3 else picture
        _, data = cv2.imencode(".png", np.ascontiguousarray(ordered))
        with replacing(path) as temporary:
            temporary.write_bytes(data.tobytes())
        return path

    def _checkpoint(self, step: int) -> Path:
        return self.path / "checkpoints" / f"step-{step:08d}"

    def _steps(self) -> list[int]:
        """Steps of the checkpoints that are whole."""
        found = (self.path / "checkpoints").glob(f"step-*/{VALUES_NAME}")
        names = (_STEP_NAME.fullmatch(path.parent.name) for path in found)
        return sorted(int(name[1]) for name in names if name)
