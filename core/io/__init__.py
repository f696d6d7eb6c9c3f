"""Files of other programs: displacement maps in and out, line maps, meshes, and the export that proves itself.

Headers are read before anything is allocated; bad files end in `MapError` or `MeshError` (both `ValueError`) that
name the file and the remedy. Everything is written beside its place first and moved there whole.
"""
