"""Fuzzes one format and prints what came of it: `python tests/trust/fuzz_worker.py FORMAT INPUTS SEED [KEEP]`.

Every input follows from format, seed and number alone; what must not happen is kept in the folder KEEP.
"""

from __future__ import annotations

import importlib.util
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import cv2
from formats import BROKEN, FORMATS
from limits import Outcome, outcomes, slowness
from mutation import mutated

FINDINGS = 20  # as many are told


def main(arguments: list[str]) -> int:
    """Print a line of JSON."""
    name, count, seed = arguments[0], int(arguments[1]), int(arguments[2])
    keep = Path(arguments[3]) if len(arguments) > 3 else None
    cv2.setNumThreads(1)
    form = BROKEN if name == "broken" else FORMATS[name]
    if form.package and importlib.util.find_spec(form.package) is None:
        print(json.dumps({"missing": form.package}))
        return 0
    seeds = form.seeds()
    count = max(round(count * form.share), min(count, len(seeds) + 1))
    found: list[Outcome] = []
    kinds: Counter[str] = Counter()
    cpu_s = 0.0
    limits = {"slow": 0.2, "patience_s": 8.0} if form is BROKEN else {"slow": slowness()}
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        path = Path(folder) / "session" / form.file
        path.parent.mkdir()
        form.prepare(path)

        def read(number: int) -> Path:
            path.write_bytes(content(seeds, seed, number))
            try:
                form.read(path)
            except Exception as error:
                error.file = path  # type: ignore[attr-defined]
                raise
            return path

        for outcome in outcomes(count, read, **limits):
            kinds[outcome.kind] += 1
            cpu_s += outcome.cpu_s
            if not outcome.allowed:
                found.append(outcome)
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    kept = keep / f"{name.replace(' ', '-')}-{seed}-{outcome.number}-{outcome.kind}{path.suffix}"
                    kept.write_bytes(content(seeds, seed, outcome.number))
    told = [f"input {outcome.number}: {outcome.kind}: {outcome.text}" for outcome in found[:FINDINGS]]
    came = {"missing": "", "inputs": count, "kinds": kinds, "found": len(found), "told": told}
    print(json.dumps({**came, "cpu_s": round(cpu_s, 2)}))
    return 0


def content(seeds: list[bytes], seed: int, number: int) -> bytes:
    """Input `number`: the valid files first, then damaged ones."""
    if number < len(seeds):
        return seeds[number]
    random_ = random.Random(f"{seed} {number}")
    return mutated(random_.choice(seeds), seeds, random_)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
