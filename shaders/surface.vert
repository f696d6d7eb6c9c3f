#version 410 core
// A mesh with values per vertex in the camera space of a photograph (x right, y down, z forward), the picture's first row at the bottom.

in vec3 in_position;
in vec4 in_first;
in vec3 in_second;

uniform float u_focal_px;
uniform vec2 u_centre_px;
uniform vec2 u_picture_px;
uniform vec2 u_depth_mm;

out vec4 v_first;
out vec3 v_second;

void main() {
    v_first = in_first;
    v_second = in_second;
    vec3 p = in_position;
    vec2 px = u_focal_px * p.xy + u_centre_px * p.z;  // times depth
    float near = u_depth_mm.x, far = u_depth_mm.y;
    gl_Position = vec4(2.0 * px / u_picture_px - p.z, (p.z * (far + near) - 2.0 * far * near) / (far - near), p.z);
}
