"""Opens what a run trains on: records made before, a user's maps, or synthetic persons made while it trains."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rhytid.core.learned.weights import PHOTO_ALBEDO, PHOTO_DETAIL, PHOTO_RENDER, SUPER_RESOLUTION
from rhytid.core.networks.semm_config import PAPER
from rhytid.core.training.config import RunConfig
from rhytid.core.training.distributed import Ranks
from rhytid.core.training.fine_records import FineRecords, fine_map, make_fine_records
from rhytid.core.training.folder_data import make_folder_records
from rhytid.core.training.lit_pictures import LitFaces
from rhytid.core.training.make_records import make_records
from rhytid.core.training.photo_pictures import PictureSource
from rhytid.core.training.photo_render_records import RenderSource
from rhytid.core.training.records import Records
from rhytid.core.training.semm_paper_source import EditSource
from rhytid.core.training.synthetic_groups import synthetic_group
from rhytid.core.training.trainer import PoseSource, Source

START_GROUPS = 300  # persons that must be there before a run starts on data that are still being made
START_MAPS = 24
HELD_GROUPS = 8  # persons that are not trained on, where there are several times as many
HELD_FACES = 24
_HELD_SHARE = 5
_POLL_SECONDS = 0.5
# What a network, or a variant of one, draws of records; poses if it is not named here.
SOURCES: dict[str, Callable[[Records], Source]] = {PHOTO_DETAIL: PictureSource, PAPER: EditSource}


@dataclass(frozen=True)
class Data:
    """What a run draws from.

    Attributes
    ----------
    records : Records, FineRecords or None
        Given to the trainer's `initialise`; None where a network learns from no records.
    source, held : Source
        To train on, and held back for pictures and scores (the same where there is little).
    """

    records: Records | FineRecords | None
    source: Source
    held: Source


@contextmanager
def open_data(config: RunConfig, made_in: Path, ranks: Ranks, told: Callable[[str], None]) -> Iterator[Data]:
    """The data of a run; records that have to be made are made in `made_in`, while the block runs if synthetic.

    Raises
    ------
    ValueError
        Nothing to train on, or files that are no maps.
    """
    if config.network == PHOTO_ALBEDO:
        if config.data != "synthetic" or config.records:
            raise ValueError("photo-albedo is trained on faces painted for it; leave --data and --records away")
        yield Data(None, LitFaces(HELD_FACES, config.groups), LitFaces(0, HELD_FACES))
        return
    if config.network == PHOTO_RENDER:
        yield _opened_edits(config)
        return
    folder = Path(config.records) if config.records else made_in
    fine = config.network == SUPER_RESOLUTION
    if config.records or not ranks.first:
        maker = None
    elif config.data == "synthetic":
        make = (
            (lambda stop: make_fine_records(folder, range(config.groups), fine_map, config.workers, stop))
            if fine
            else (lambda stop: make_records(folder, range(config.groups), synthetic_group, config.workers, stop))
        )
        maker = _Maker(make)
        _wait_for(folder, fine, min(config.groups, START_MAPS if fine else START_GROUPS), maker, told)
    else:
        if fine:
            raise ValueError("super-resolution is trained on synthetic maps; --data DIR is for semm and sd-detail")
        maker = None
        told(f"making records of {config.data}")
        make_folder_records(Path(config.data), folder, config.workers)
    try:
        ranks.wait()
        source_of = SOURCES.get(config.variant) or SOURCES.get(config.network, PoseSource)
        yield _opened_fine(folder) if fine else _opened(folder, source_of)
    finally:
        if maker is not None:
            maker.stop()
            if maker.error is not None:
                told(f"no more records were made: {maker.error}")


class _Maker:
    """Makes records in a thread, which has processes do it, until it is done or stopped."""

    def __init__(self, make: Callable[[threading.Event], int]) -> None:
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(make,), name="records", daemon=True)
        self._thread.start()

    def _run(self, make: Callable[[threading.Event], int]) -> None:
        try:
            make(self._stop)
        except BaseException as error:  # told by the thread that waits for the records
            self.error = error

    @property
    def working(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish what is in work and begin nothing else."""
        self._stop.set()
        self._thread.join()


def _count(folder: Path, fine: bool) -> int:
    return len(FineRecords(folder)) if fine else Records(folder).n_groups


def _wait_for(folder: Path, fine: bool, n_needed: int, maker: _Maker, told: Callable[[str], None]) -> None:
    shown = -1
    try:
        while (n_made := _count(folder, fine)) < n_needed and maker.working:
            if n_made != shown:
                told(f"records: {n_made} of {n_needed} persons before training starts")
                shown = n_made
            time.sleep(_POLL_SECONDS)
    except BaseException:
        maker.stop()
        raise
    if maker.error is not None:
        raise maker.error


def _opened(folder: Path, source_of: Callable[[Records], Source]) -> Data:
    everything = Records(folder)
    if not len(everything):
        raise ValueError(f"{folder}: no records; make some with: rhytid train records --out DIR")
    persons = np.unique(everything.person)
    if len(persons) < HELD_GROUPS * _HELD_SHARE:
        source = source_of(everything)
        return Data(everything, source, source)
    first = int(persons[HELD_GROUPS])
    records = Records(folder, persons_from=first)
    return Data(records, source_of(records), source_of(Records(folder, persons_to=first)))


def _opened_edits(config: RunConfig) -> Data:
    made = "python -m rhytid.gui.cli.render_records --out DIR"
    if not config.records or config.data != "synthetic":
        raise ValueError(f"photo-render is trained on --records DIR, made with: {made}")
    folder = Path(config.records)
    if RenderSource(folder).n_groups <= HELD_GROUPS:
        raise ValueError(f"{folder}: records of more than {HELD_GROUPS} persons are needed; make them with: {made}")
    fake = bool(config.model.get("augmented", True))
    return Data(None, RenderSource(folder, HELD_GROUPS, fake=fake), RenderSource(folder, 0, HELD_GROUPS))


def _opened_fine(folder: Path) -> Data:
    everything = FineRecords(folder)
    if not len(everything):
        raise ValueError(f"{folder}: no records for super-resolution; leave --records away to make some")
    if len(everything) < HELD_GROUPS * 2:
        return Data(everything, everything, everything)
    records = FineRecords(folder, HELD_GROUPS)
    return Data(records, records, FineRecords(folder, 0, HELD_GROUPS))
