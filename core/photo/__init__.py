"""One photograph of a face: what is found in it, and what the person's head, light and skin are.

A *photo* is a picture as it was taken; an *observation* is what the later steps read of it: linear colours, landmarks,
masks, and what is known of the camera. Places in a picture are in px from its upper left corner, so that the middle of
the first pixel is (0.5, 0.5). *Right* and *left* are the person's own: the right eye is at the left of a picture.

All of it is numpy, OpenCV, SciPy and ONNX Runtime, exact and on the processor. Any thread may call, but a window's own:
every step takes tens of milliseconds at least. Values are frozen and shared freely.

A head in a picture is seen by a *camera*: vectors are in head space unless a name ends in `_cam`, the camera's own
space (x right, y down, z forward, mm).

- `image`: a photo as a file, of any kind.
- `landmarks`, `masks`, `observation`: the values that finding a face makes.
- `camera`, `rasteriser`: where the head is seen from, and which triangle each pixel shows.
- `skin_color`, `fine_texture`, `soft_edges`: what `masks` is made of.
- `face_finder`, `square`: faces in a picture and the landmarks of one.
- `tflite`, `onnx_file`, `face_models`, `models_wheel`: the networks that find faces, out of a package of files.
- `fit`, `landmark_terms`, `controls`, `embedding`, `rings`, `detector_error`: head, camera and expression of landmarks.
- `first_guess`: what landmarks let one expect of a head before it is fitted.
- `offset_fields`: what a face may have beyond the identity modes.
- `dense_fit`, `shading_terms`, `skin_texels`: the same with the shading of the skin.
- `joint_step`, `bounded_step`, `locks`: one step over all photos of a person; what the artist holds meanwhile.
- `sitting`, `calibrate`, `calibrate_guess`, `calibrate_shading`: random people in pictures of which all is known, and
  what they teach.
- `features`, `relief`: what shading tells of relief; relief and lines, and colours without their shading.
- `unwrap`, `light`, `light_map`, `albedo`: the photo laid out in the chart, and the light and the skin's colour in
  it told apart.
- `light_view`, `light_features`, `light_refinement`: a photo as light is solved, and the network that refines it.
- `albedo_prior`: what is known of skin's colour before a photo is seen.
- `surroundings`, `tiles`: the skin around the chart; the colour of the whole head, as it is kept.
- `edited_photo`, `skin_levels`, `photo_flow`: edits of the head drawn into the photo; how bright its skin is, and where
  its points come from when it moves.
- `registration`: lips and lids brought from where a fit has them to where the photo has them.
- `rendered_photo`, `render_buffers`: the same by the rendering network, and what that sees.
- `photo_face`, `layer`, `report`: all stages in order; what a document keeps of them; pictures for looking.
"""
