"""Rasters of numbers in the chart: displacement, colour, normals. Pure functions on arrays, for all above.

Row 0 is the forehead, column 0 the subject's right; texel centres lie at (i + 0.5) / n. Displacement is float32 in mm.

- `rect`, `revisions`: rectangles of texels, and which of them differ from what was seen before.
- `field`: a map that is made when it is first read.
- `resample`, `padding`, `border`, `fill`: other resolutions, edges, gaps.
- `gradient`, `normal_map`, `normal_integration`: slopes, normals, and displacement back from normals.
- `relief_normal`, `tangent_frame`: how relief tilts normals in head space, and what of it a tangent frame holds.
- `bands`: octave bands and the energy of regions.
- `units`: size and unit in which skin is learned and measured.
- `complexion`, `complexion_map`: what colours a person has, and the skin colour that follows.
- `skin_optics`, `skin_layers`: what pigments look like, and where in the skin they are.
- `paint`, `painted_skin`: what is painted by hand, and skin with it.
- `albedo`, `albedo_map`: the skin colour of synthetic photos; one that was brought in.
- `panorama`: imported environments.
- `skin_tile`: fine relief of skin outside the chart.
- `face_marks`, `row_bands`: where features lie in the chart; soft pictures enlarged in bands.
- `lip_border`, `tooth_color`: the lips' red and the lines across it; shades of teeth.
- `srgb`, `harmonics`: the curve of sRGB, light as spherical harmonics.
- `scattering`: how far light wanders under the skin, and what that does to shading.
- `flush`: blood that follows tension.
- `cavity`: depth below the skin around, and colour that is darker there.
- `surface_maps`, `curvature`, `region_masks`: roughness, specular level and cavity; bends; the face by regions.
- `eye_color`: iris, sclera and pupil.
- `array_cache`: arrays that are made again and again, within one budget of bytes.
- `random_stream`: random numbers that are the same everywhere.
"""
