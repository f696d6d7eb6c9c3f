#version 410 core
// The number of the triangle, counted from 1. The picture is upside down, so what faces the camera is clockwise.

layout(location = 0) out int out_number;

void main() {
    if (gl_FrontFacing) {
        discard;
    }
    out_number = gl_PrimitiveID + 1;
}
