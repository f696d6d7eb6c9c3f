from __future__ import annotations

import re

import pytest

from rhytid.gui.render.shader_source import SHADER_DIR, ShaderError, assemble, build_program

VERTEX = "#version 410 core\nvoid main() { gl_Position = vec4(0.0); }\n"


def test_includes_are_resolved_once(tmp_path):
    (tmp_path / "a.glsl").write_text("float a;\n")
    (tmp_path / "b.glsl").write_text('#include "a.glsl"\nfloat b;\n')
    (tmp_path / "main.frag").write_text('#version 410 core\n#include "a.glsl"\n#include "b.glsl"\nvoid main() {}\n')
    text, files = assemble("main.frag", {"N": 3}, tmp_path)
    assert text.startswith("#version 410 core\n#define N 3\n")
    assert text.count("float a;") == 1
    assert files == ["main.frag", "a.glsl", "b.glsl"]


def test_a_missing_file_is_named_with_its_includer(tmp_path):
    (tmp_path / "main.frag").write_text('#version 410 core\n\n#include "gone.glsl"\n')
    with pytest.raises(ShaderError, match=r"gone\.glsl.*main\.frag line 3"):
        assemble("main.frag", folder=tmp_path)


@pytest.mark.parametrize("broken", ["main.frag", "part.glsl"])
def test_compile_errors_name_file_and_line(ctx, tmp_path, broken):
    good, bad = "float f() { return 1.0; }\n", "\n\nfloat f() { return unknown_thing; }\n"
    (tmp_path / "main.vert").write_text(VERTEX)
    (tmp_path / "part.glsl").write_text(bad if broken == "part.glsl" else good)
    wrong = "    o = vec4(other_unknown);\n" if broken == "main.frag" else "    o = vec4(f());\n"
    (tmp_path / "main.frag").write_text(
        '#version 410 core\n#include "part.glsl"\nout vec4 o;\nvoid main() {\n' + wrong + "}\n"
    )
    line = 5 if broken == "main.frag" else 3
    with pytest.raises(ShaderError, match=rf"{re.escape(broken)} line {line}"):
        build_program(ctx, "main.vert", "main.frag", {"A": 1, "B": 2}, tmp_path)


def test_the_readme_lists_every_uniform():
    declared = set()
    for path in SHADER_DIR.rglob("*"):
        if path.suffix in (".vert", ".frag", ".glsl"):
            declared |= set(re.findall(r"^uniform \w+ (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    listed = set(re.findall(r"^\| (u_\w+) \|", (SHADER_DIR / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert declared == listed
