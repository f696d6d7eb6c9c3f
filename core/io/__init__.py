"""Files of other programs: displacement maps in and out, line maps, meshes, and the export that proves itself.

Headers are read before anything is allocated; bad files end in `MapError` or `MeshError` (both `ValueError`) that
name the file and the remedy. Everything is written beside its place first and moved there whole. What takes
long runs on other threads than a window's own.

- `displacement_file`, `map_statement`, `map_channels`, `map_meaning`, `map_values`, `map_no_data`: reading a map: what
  it says of itself, which channel, what its values mean, which texels hold nothing.
- `displacement_writing`, `map_pixels`: writing maps and pictures.
- `formats`: the file formats of maps.
- `environment_file`: environments for the light.
- `line_file`: line maps and strokes.
- `motion`, `motion_file`, `motion_writing`: recordings of expressions.
- `live_link`: packets of a telephone that streams expressions.
- `motion_table`, `motion_json`, `motion_columns`, `metahuman`, `motion_clock`: a recording's rows, what its columns are
  called, when its rows are.
- `clip_file`: keys over time as JSON.
- `film`: pictures one after the other as a film.
- `clients`: the programs that take an export, and how each takes a mesh and a map.
- `export`, `export_options`, `shown_face`: the export, what it is asked for and of what.
- `export_meshes`, `export_shapes`, `export_hair`, `export_files`: its meshes, and the files while they grow.
- `export_base`, `base_pictures`: the base mesh with its shapes in every format, and the pictures that it shows.
- `export_verify`, `export_about`, `recipe`, `recipe_base`, `recipe_maps`, `client_recipe`: its proof, what it says of
  itself.
- `export_folder`: its place.
- `face_textures`, `surface_export`: the colour of the whole head in its tiles; roughness, specular, cavity, occlusion.
- `planned_export`: names of all files that an export of a head will write, in either layout.
- `own_layout_reading`, `albedo_reading`: maps of a head's own layout, and skin colours, out of files.
- `layout_sampling`, `layout_overlap`, `layout_turns`, `layout_bake`: maps of the chart in a head's own layout and back.
- `own_color`: the pictures of a head's own file as the colour of its skin.
- `own_layout_mesh`, `own_layout_files`, `own_layout_outside`, `own_layout_export`: an export in it.
- `map_export`, `further_maps`, `value_maps`, `pictures_as`, `map_names`: the maps of an export and their formats.
- `outer_relief`, `worn`: relief of the skin outside the chart; a map that a head wears, taken off it.
- `chart_frame`, `chart_uv`, `displaced_mesh`, `mesh_data`, `placing`: maps, meshes as others take them.
- `mesh_density`, `relief_kept`: how fine a displaced mesh is, and how much of the relief it keeps.
- `export_other_parts`, `gltf_other_parts`: body, hair and clothes of the head's file in those meshes.
- `gltf_file`, `gltf_builder`, `gltf_tangents`: GLB.
- `obj_file`, `ply_file`, `mesh_file`, `mesh_comparison`: meshes to and from files.
- `usd_file`, `usd_writing`, `usd_scene`, `usd_stage`, `usd_shapes`, `usd_parts`, `usd_material`, `usd_reading`: USD.
- `morph_motion`: weights of morph targets over time.
- `blender_writing`: FBX and Alembic, written by Blender.
- `errors`, `worker_process`: what goes wrong; processes that work for others.
"""
