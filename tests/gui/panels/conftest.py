"""What the tests of this folder share."""

import pytest

from rhytid.core.document.document import Document


@pytest.fixture
def document():
    return Document()


@pytest.fixture
def show(qtbot):
    def _show(panel, height=900):
        qtbot.addWidget(panel)
        panel.resize(320, height)
        panel.show()
        return panel

    return _show
