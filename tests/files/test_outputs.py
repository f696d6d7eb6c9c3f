"""Only files that the program wrote, and that nobody changed since, are replaced without a yes."""

from __future__ import annotations

import os
import shutil

import pytest

from rhytid.core.files import outputs as outputs_module
from rhytid.core.files.failures import WriteError
from rhytid.core.files.outputs import foreign, outputs


def make(path, content=b"made", **options):
    with outputs([path], **options):
        path.write_bytes(content)


def test_what_the_program_wrote_is_replaced(tmp_path):
    path = tmp_path / "a.b c.png"
    make(path)
    make(path, b"made again")
    make(path, b"and again")
    assert path.read_bytes() == b"and again"


@pytest.mark.parametrize("how", ["foreign", "changed", "moved", "copied", "empty"])
def test_what_the_artist_has_is_not(how, tmp_path):
    path = tmp_path / "a.png"
    if how in ("foreign", "empty"):
        path.write_bytes(b"" if how == "empty" else b"the artist's")
    else:
        make(tmp_path / "b.png")
        make(path)
    if how == "changed":
        path.write_bytes(b"mad3")
    elif how == "moved":
        os.replace(tmp_path / "b.png", path)
        path = tmp_path / "c.png"
        os.replace(tmp_path / "a.png", path)
    elif how == "copied":
        shutil.copy(path, tmp_path / "c.png")
        path = tmp_path / "c.png"
    before = path.read_bytes()
    with pytest.raises(WriteError, match=rf"{path.name} was not written by Rhytid or changed since; add --overwrite"):
        make(path, b"new")
    assert path.read_bytes() == before
    make(path, b"new", overwrite=True)
    make(path, b"newer")
    assert path.read_bytes() == b"newer"


def test_nothing_is_remembered_of_what_failed(tmp_path):
    path = tmp_path / "a.png"

    def failing():
        with outputs([path]):
            path.write_bytes(b"by somebody else meanwhile")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        failing()
    assert foreign([path]) == [path]


def test_what_was_left_as_it_was_stays_the_artist_s(tmp_path):
    mine, made = tmp_path / "mine.png", tmp_path / "made.png"
    mine.write_bytes(b"by the artist")
    with outputs([mine, made], overwrite=True):
        made.write_bytes(b"by the program")
    assert foreign([mine, made]) == [mine]


def test_an_input_is_no_output_unless_told(tmp_path):
    path = tmp_path / "a.png"
    make(path)
    link = tmp_path / "b.png"
    link.symlink_to(path)
    with pytest.raises(WriteError, match="it is what is read"):
        make(link, b"new", inputs=[None, path])
    make(link, b"new", inputs=[path], overwrite=True)
    assert path.read_bytes() == b"new"


def test_several_are_refused_together(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(b"1")
    with pytest.raises(WriteError, match=r"a and 2 more were not written by Rhytid"), outputs(paths):
        pass


def test_without_a_place_to_remember_everything_is_foreign(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"1")
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path / "file" / "state"))
    make(tmp_path / "a.png")
    assert foreign([tmp_path / "a.png"]) == [tmp_path / "a.png"]


def test_the_record_keeps_the_newer_half(tmp_path, monkeypatch):
    monkeypatch.setattr(outputs_module, "MAX_RECORDED", 4)
    paths = [tmp_path / str(number) for number in range(5)]
    for path in paths:
        make(path)
    assert foreign(paths) == paths[:3]
