#version 410 core
// Body, hair and clothes of a head's file, which have no detail.

in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
uniform mat4 u_clip_from_head;
out vec3 v_position;
out vec3 v_normal;
out vec2 v_uv;

void main() {
    v_position = in_position;
    v_normal = in_normal;
    v_uv = in_uv;
    gl_Position = u_clip_from_head * vec4(in_position, 1.0);
}
