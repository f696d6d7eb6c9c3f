#version 410 core
// Edges of the polygons, a little nearer than the surface they lie on.
in vec3 in_position;
in vec3 in_normal;
uniform mat4 u_clip_from_head;
uniform vec3 u_camera_mm;

out float v_facing;

void main() {
    vec3 view = normalize(u_camera_mm - in_position);
    v_facing = dot(in_normal, view);
    gl_Position = u_clip_from_head * vec4(in_position + view * 0.6, 1.0);
}
