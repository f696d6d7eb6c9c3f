"""Dialogs open as large as what they say."""

from __future__ import annotations

from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.widgets.labels_and_buttons import text_label


def test_text_that_fills_most_of_the_screen_is_not_squeezed(qtbot):
    dialog = Dialog("Long")
    qtbot.addWidget(dialog)
    label = text_label("")
    label.setFixedWidth(300)
    while label.heightForWidth(300) < 0.75 * dialog.screen().availableSize().height():
        label.setText(label.text() + "one more word ")
    dialog.body.addWidget(label)
    dialog.finish_layout()
    dialog.show()
    assert label.height() >= label.heightForWidth(300)
