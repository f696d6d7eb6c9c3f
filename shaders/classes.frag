#version 410 core
// Sorts pixels by what shades them, as a depth buffer: shading passes test for equality and skip the others.
// Eighths: 0 background, 1 skin with detail, 2 other skin and its inside, 3 eyes, 4 teeth and mouth, 5 skin between.
#include "include/gbuffer.glsl"

void main() {
    vec4 coord = texelFetch(u_coord, ivec2(gl_FragCoord.xy), 0);
    float part = abs(coord.w);
    bool face = coord.w > 0.5 && part < PART_SKIN + 0.5 && coord.z > 0.0;
    bool eye = part > PART_EYE_LEFT - 0.5 && part < PART_EYE_RIGHT + 0.5;
    bool mouth = part > PART_TEETH - 0.5;
    float kind = part < 0.5 ? 0.0 : face ? (coord.z < 1.0 ? 5.0 : 1.0) : eye ? 3.0 : mouth ? 4.0 : 2.0;
    gl_FragDepth = kind / 8.0;
}
