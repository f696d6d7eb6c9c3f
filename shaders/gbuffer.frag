#version 410 core
in vec4 v_coord;
in vec4 v_normal;
in vec4 v_tangent_x;
in vec3 v_tangent_y;

layout(location = 0) out vec4 o_coord;
layout(location = 1) out vec4 o_normal;
layout(location = 2) out vec4 o_tangent_x;
layout(location = 3) out vec4 o_tangent_y;

void main() {
    float side = gl_FrontFacing ? 1.0 : -1.0;
    o_coord = vec4(v_coord.xyz, v_coord.w * side);
    o_normal = vec4(normalize(v_normal.xyz) * side, v_normal.w);
    o_tangent_x = v_tangent_x;
    o_tangent_y = vec4(v_tangent_y, 0.0);
}
