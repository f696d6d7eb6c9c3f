"""Drawing the head with moderngl, without Qt. The viewport and the command line share it.

State in, pixels out, as little as possible redone: shape, detail, camera and light each invalidate only what depends on
them. Every object belongs to one OpenGL 4.1 context and is used where that is current; who makes one releases it.

- `renderer`: one head's picture: what to redo, in which order.
- `beforehand`: what the first pictures need, made while windows are built.
- `mouth_surface`: where on a tooth a vertex is, and the light that the lips let in.
- `mesh_buffers`, `surface`, `geometry`, `gbuffer`, `occlusion`, `shadow`: mesh, what each pixel shows, what shades it.
- `detail_texture`, `detail_passes`, `screen_boxes`: displacement on the GPU, changed pixels.
- `around_relief`: the relief of skin outside the chart.
- `skin_texture`, `shading`, `environment`, `radiance`, `colormaps`, `view_mode`: light, false colours, what is shown.
- `strands`: hair over the shaded picture.
- `other_parts`: body, hair and clothes of the head's file over it.
- `accumulation`, `quality`, `picture`: smooth edges at rest, frame time, cached pictures.
- `overlay`, `photo_pass`: over the picture: strokes, ring and axes; the photo that the head was found in.
- `guide_pass`, `handle_pass`: the anatomy guide over it, points and tangents of a line.
- `camera`, `picking`: where one looks from; from pixels back to the skin.
- `offscreen`, `face_picture`, `sitting_photos`: pictures without a window, those of random people among them.
- `filming`: films and series of pictures of a clip or a turntable.
- `step_pictures`: those of the history's steps, in a process of its own.
- `wrinkle_pictures`: small ones of wrinkles where they lie.
- `pack_player`, `pack_check`: wrinkle packs played by their GLSL, and compared with the editor.
- `fragments`, `photo_people`: which triangle each pixel of a photo shows; photos of people of whom all is known.
- `photo_edits`: random edits in such photos, beside what is true.
- `shader_source`, `gl_state`, `opengl_help`: GLSL, the context's state, a machine without OpenGL.
"""
