"""The viewport: the face in 3D. The one place where Qt and OpenGL meet.

Everything runs on the thread of Qt; OpenGL only where the widget's context is current. Detail comes as deliveries of
the session, and is uploaded in the next frame.

- `viewport`: the widget: frames, picking, portraits on demand.
- `frame_pacing`: when it paints, and what reaches the screen with it.
- `viewport_input`: what mouse, pen and keys mean here.
- `scene`, `kept_face`, `portraits`: what is drawn, A beside it, and small pictures of other shapes.
- `face_handles`, `handle_input`: points and tangents of the selected line, over the face.
- `photo_view`, `photo_pins`: looking through the camera of a photo, pins on it.
- `player_bar`: under it, while a recording drives the face.
- `grooves`: where a stroke goes on over skin that the nose hides.
- `split_bar`, `legend`, `reference_overlay`: over the picture: the divider of A and B, the scale of false colours, a
  reference picture.
- `opengl`: whether the screen has the OpenGL that is needed.
"""
