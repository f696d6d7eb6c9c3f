"""Starting Qt where it may not start: it ends the process by itself then, with a page of advice and no exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

EXIT_CODE = 2  # as for every other reason that the person at the screen can mend


def start_qt(argv: list[str], problem: Callable[[], str]) -> tuple[QApplication, str]:
    """The QApplication and what `problem` finds missing in it; where Qt gives up, one line on stderr and exit code 2.

    What Qt has to say on the way is not repeated.
    """
    told: list[str] = []

    def take(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind == QtMsgType.QtFatalMsg:
            reason = " ".join((told[-1] if told else text.partition(".")[0]).split())
            print(f"rhytid: Qt cannot open a window: {reason}; is QT_QPA_PLATFORM right?", file=sys.stderr, flush=True)
            os._exit(EXIT_CODE)  # an exception cannot pass through Qt, which would abort next
        told.append(text)

    qInstallMessageHandler(take)
    try:
        app = QApplication(argv)
        return app, problem()
    finally:
        qInstallMessageHandler(None)
