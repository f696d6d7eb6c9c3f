"""Hair of the face as strands: brows, lashes, stubble and vellus.

A strand is a short curve that grows from a point of the skin and turns with it. The same seed grows the same hair on
the same head; density, length and colour only choose among what has grown.

- `settings`: what the artist sets.
- `strands`: many strands of one kind, where they are on a moved head, and ribbons of triangles.
- `lashes`, `lying`, `brows`, `body_hair`: how each kind grows.
- `color`: melanin, redness and grey to colour.
- `wig`: all kinds of one head, and what of them is worn.
"""
