"""The program of a folder, asked again and again for what it refuses: `python tests/trust/refusal_server.py FOLDER`.

Reads lines of JSON: arguments, variables of the environment (null: not there) and the file for what is said on stderr.
Each is run in a process forked from this one, which has imported what takes seconds and read none of the program's
resources; its exit code is answered on a line.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path


def main(folder: Path) -> int:
    """Answer until nobody asks any more."""
    places = [str(folder / "core" / "api"), str(folder)]
    begin = folder / "core" / "api" / "__init__.py"
    spec = importlib.util.spec_from_file_location("rhytid", begin, submodule_search_locations=places)
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["rhytid"] = package
    spec.loader.exec_module(package)
    for name in ("gui.cli.program", "gui.cli.editor", "gui.cli.render", "gui.app"):
        importlib.import_module(f"rhytid.{name}")
    for line in sys.stdin:
        arguments, environment, said = json.loads(line)
        child = os.fork()
        if child == 0:
            _answer(arguments, environment, said)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return 0


def _answer(arguments: list[str], environment: dict[str, str | None], said: str) -> None:
    """The forked process: never returns."""
    code: object = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        for name, value in environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        code = sys.modules["rhytid.gui.cli.program"].main(arguments)
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
