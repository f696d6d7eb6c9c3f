"""The job that the manual shows."""

from __future__ import annotations

import re
from pathlib import Path

from rhytid.core.resources import resource


def write_example(folder: Path) -> Path:
    """Write it into a folder; gives its path."""
    page = resource("help", "command-line.md").read_text("utf-8")
    (job,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = folder / "job.toml"
    path.write_text(job, encoding="utf-8")
    return path
