#version 410 core
// Values of the mesh and the number of the triangle, counted from 1, as in fragments.frag.

in vec4 v_first;
in vec3 v_second;

layout(location = 0) out vec4 out_first;
layout(location = 1) out vec4 out_second;

void main() {
    if (gl_FrontFacing) {
        discard;
    }
    out_first = v_first;
    out_second = vec4(v_second, float(gl_PrimitiveID + 1));
}
