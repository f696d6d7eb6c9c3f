"""Heads: a mesh with identity modes, the 52 ARKit expression shapes and its own map into the chart.

A `Head` is frozen and shared between threads. Bad files end in `HeadFileError`, which names file and remedy.
*Registering* a head means laying its skin onto the default head's, which gives it a chart.

- `head`, `normals`, `mikktspace`, `pieces`: the head, its surface, the tangents that programs agree on, which of
  its vertices hang together.
- `weighted_sums`: sums over the mesh that the first picture does not need scipy for.
- `subdivide`, `tension`: finer surfaces, squeezed and stretched skin.
- `chart`, `metric`: the chart as a raster, and how it is stretched over the skin.
- `rest_plane`: where skin lies in the head at rest, by its place in the chart's plane.
- `visibility`: how much of its surroundings each vertex sees.
- `skin_brush`: what a round brush on the skin covers.
- `anthropometry`, `identity_measures`: landmarks and measures of a face; how the identity modes bring them about.
- `ageing`, `carry`: which parts of a head age and when; shapes of the skin carried to what hangs on it.
- `person_offsets`: what a photo's person has beyond the modes of a head.
- `turn`: the head turned on its neck.
- `tongue_room`: how far the tongue can be out.
- `mouth_slit`: the slit between the lips on the chart.
- `lid_margin`, `eye_opening`, `eye_flesh`: the lids' edges, what of an eyeball they leave free, the flesh there.
- `person_lids`: lids that meet at a person's blink, and go over the eyeball.
- `other_parts`, `material`, `material_picture`, `obj_material`: body, hair and lashes of a head's file, and how these
  look.
- `load`, `store`, `store_other`: opening any head; our own format.
- `readers`, `ict`, `obj_folder`, `plain_mesh`, `flame`, `bfm`, `usd`, `fbx`: heads of others.
- `part_names`, `arrays`, `errors`: words for parts, named arrays, and what goes wrong.
- `gltf`, `gltf_material`, `gltf_other`: those in GLB, VRM and glTF.
- `model`, `shapes`, `shape_names`, `register`, `surface`: a stranger's head on its way to becoming a `Head`.
- `upright`, `face_search`, `face_fit`, `ends`: where on a mesh the face is, and how it stands.
- `body`, `weld`: a body in one mesh with the face, kept beside it, and how the head stays joined to it.
- `pins`, `refit`, `kept_heads`: landmarks that a person put in place, and a fit by them; registered heads, kept.
- `fit`: the default head laid onto a stranger's skin, and its shapes carried over.
- `quality`, `report`: what is wrong with a head, in figures.
- `build`: how the default head was made.
"""
