#version 410 core
// One triangle over the whole target, without vertex data, at the depth of one class of pixels.
uniform float u_class_depth;

void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(corner * 2.0 - 1.0, u_class_depth * 2.0 - 1.0, 1.0);
}
