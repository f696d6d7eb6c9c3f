#version 410 core
// Depth of the mesh as a light sees it.
in vec3 in_position;
uniform mat4 u_clip_from_head;

void main() {
    gl_Position = u_clip_from_head * vec4(in_position, 1.0);
}
