"""GLSL sources: `#include`, `#define` from Python and compile errors that name file and line.

Files lie in `shaders/`. ``#include "include/x.glsl"`` is resolved against that folder, each file once per
program. ``#line`` directives carry the number of the file, so that a driver's message can be mapped back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import moderngl

from rhytid.core.resources import shader_folder

SHADER_DIR = shader_folder()
_INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"')
# Mesa and Apple "0:12(3): error", "ERROR: 0:12: ..."; NVIDIA "0(12) : error"
_LOCATION = re.compile(r"(?P<file>\d+)(?::(?P<a>\d+)|\((?P<b>\d+)\))")


class ShaderError(RuntimeError):
    """A shader that does not compile or link; the message names file and line."""


def assemble(
    name: str, defines: Mapping[str, object] | None = None, folder: Path = SHADER_DIR
) -> tuple[str, list[str]]:
    """Source text of a shader and the names of its files.

    Parameters
    ----------
    name : str
        File in `folder`.
    defines : mapping of name to value
        Become ``#define NAME VALUE`` after ``#version``.

    Returns
    -------
    (str, list of str)
        Text, and files in the order of the numbers in its ``#line`` directives.
    """
    files: list[str] = []

    def expand(file: str, origin: str) -> list[str]:
        if file in files:
            return []
        path = folder / file
        if not path.is_file():
            raise ShaderError(f"shader {file} (needed by {origin}) is not in {folder}; reinstall the program")
        number = len(files)
        files.append(file)
        out = [] if number == 0 else [f"#line 1 {number}"]
        for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = _INCLUDE.match(line)
            if match:
                out += [*expand(match[1], f"{file} line {i}"), f"#line {i + 1} {number}"]
            else:
                out.append(line)
        return out

    lines = expand(name, "the renderer")
    if lines and lines[0].startswith("#version"):
        head = [lines[0], *(f"#define {key} {value}" for key, value in (defines or {}).items()), "#line 2 0"]
        lines = head + lines[1:]
    return "\n".join(lines) + "\n", files


def named_locations(message: str, files: list[str]) -> str:
    """`message` of a driver with file numbers replaced by names."""

    def name(match: re.Match[str]) -> str:
        number, line = int(match["file"]), match["a"] or match["b"]
        return f"{files[number]} line {line}" if number < len(files) else match[0]

    return _LOCATION.sub(name, message)


def build_program(
    ctx: moderngl.Context,
    vertex: str,
    fragment: str,
    defines: Mapping[str, object] | None = None,
    folder: Path = SHADER_DIR,
) -> moderngl.Program:
    """Compile and link two files of `shaders/`.

    Raises
    ------
    ShaderError
        With file and line of the first error.
    """
    vertex_text, vertex_files = assemble(vertex, defines, folder)
    fragment_text, fragment_files = assemble(fragment, defines, folder)
    try:
        return ctx.program(vertex_shader=vertex_text, fragment_shader=fragment_text)
    except moderngl.Error as error:
        text = str(error)
        files = vertex_files if "vertex_shader" in text.split("GLSL Compiler failed")[-1][:40] else fragment_files
        raise ShaderError(named_locations(text, files)) from error


def set_uniforms(program: moderngl.Program, values: Mapping[str, object]) -> None:
    """Set the uniforms that the program has; a compiler drops those that do not reach the output."""
    for name, value in values.items():
        member = program.get(name, None)
        if member is None:
            continue
        if isinstance(value, bytes):
            member.write(value)  # type: ignore[union-attr]
        else:
            member.value = value  # type: ignore[union-attr]
