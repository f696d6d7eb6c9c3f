"""Sliders, foldable groups, choices, labels and buttons in the program's style.

They know Qt and the theme, no document and no session: `gui.controllers` and `gui.panels` connect them.

- `slider_row`, `slider_face`, `pair_row`: the slider; what it shows; left and right as one or two.
- `typed_value`, `readout`: numbers as they are typed; numbers beside the pointer.
- `radial_menu`, `plane`, `bars`: a menu round the pointer; two values under one drag; a plot of few numbers.
- `curve_editor`: a curve through points under the mouse.
- `pressure_strip`: what curves make of a pen's pressure.
- `line_bar`: buttons that float beside what is selected.
- `fold_group`, `segments`, `labels_and_buttons`, `color_swatch`: groups, one of few, small pieces, a colour.
- `focus`: search boxes that give the keyboard back, values that the wheel leaves alone.
"""
