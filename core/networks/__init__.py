"""The networks as torch modules: the reference that training optimises and the run time is held to.

Only `core.training` and tests import them; the program runs what they were exported to.

- `semm`, `semm_config`, `semm_lapped`, `semm_transform`, `semm_refiner`, `semm_style`: the structured SEMM.
- `semm_painter`, `semm_discriminator`: painter of lines, critic of its training.
- `semm_paper`, `stylegan2`: SEMM as its paper has it, and the layers that it is built of.
- `sd_detail`, `facedet3d`, `super_resolution`: SD-DeTail's network; FaceDet3D's; finer maps along lines.
- `differentiable`: pictures of a mesh with gradients to its shape, camera, colour and light.
- `photo_detail`, `photo_albedo`, `residual`: relief, and light and colour, out of an unwrapped photograph; their block.
- `photo_render`: what a photo with edits lacks by ratio images.
"""
