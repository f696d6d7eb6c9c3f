"""Run time of the trained networks: numpy in and out, ONNX Runtime in between, no torch.

A model's files are checked by size and SHA-256 before they are opened. Models may be used by several threads. Loading
takes a moment, so a window asks for it on other threads than its own. *SEMM*, *SD-DeTail* and *FaceDet3D* are the
learned engines; a *code* is the 576 numbers that a face's detail amounts to for the SEMM.

- `runtime`, `device_choice`, `weights`: sessions, on which device, of which files.
- `semm`, `lapped`, `code`: the SEMM: maps to codes and back.
- `semm_paper`: the same of its paper's variant, which no engine runs.
- `semm_engine`, `semm_faces`, `map_face`, `latent`, `skin_texture`: the engine on it: faces in a pose, imported maps,
  faces between two, skin of a generated face.
- `painted_lines`, `line_fields`: drawn lines as the painter sees and paints them.
- `sd_detail`, `sd_detail_engine`: SD-DeTail, and the engine on it.
- `expression_energy`: what expressions do to the strength of relief, in closed form.
- `facedet3d`, `facedet3d_engine`: FaceDet3D's hallucination of detail, and the engine on it.
- `super_resolution`, `near_field`, `fine_detail`: finer maps, and what engines at 256 texels do with them.
- `engines`: names, titles and makers of these engines.
"""
