"""File formats of maps: what each file says of itself, and the stored values of the channels that are wanted.

Each format describes a file before it decodes a pixel, and checks sizes against the file and the limits. Meaning and
units are no matter of a format: `core.io.map_meaning` has them.

- `picture`: what is known of a file before it is decoded.
- `exr`, `png`, `tiff`, `npy`: one format each.
- `chatter`: what libraries print about broken files.
"""
