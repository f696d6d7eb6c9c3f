"""The default head laid onto a skin that nobody has seen, and what the skin takes from it.

    skin -> target -> similarity, identity modes -> free field -> Fit -> places on the reference -> chart, shapes

The reference moves, the skin stays. Everything is measured in the reference's frame and in mm.

- `target`: the skin as the fit asks it: its nearest point, and whether that can be trusted.
- `modes`: size, turn, place and identity modes of the reference, by Gauss-Newton steps.
- `free_field`: what the modes leave, as a smooth field of offsets.
- `skin_fit`: the whole fit, and places of the skin on the fitted reference.
- `coarse_chart`, `unfold`: a chart that is right over large triangles, too, and turns none over.
- `residual`: how well it lies, in figures and words.
- `lids`: shapes that close the eyes, on eyes of another size.
- `even_lips`: offsets at the mouth without those of vertices that were laid onto the wrong lip.
- `transfer`: expression shapes of the reference carried to the skin and to what lies behind it.
"""
