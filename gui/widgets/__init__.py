"""Sliders, foldable groups, choices, labels and buttons in the program's style.

They know Qt and the theme, no document and no session: `gui.controllers` and `gui.panels` connect them.
"""
