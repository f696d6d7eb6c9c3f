#version 410 core
// Sorts pixels by what shades them, as a depth buffer: shading passes test for equality and skip the others.
//   0 background, 0.25 skin with detail, 0.5 other skin and its inside, 0.75 eyes, 1 teeth and mouth
#include "include/gbuffer.glsl"

void main() {
    vec4 coord = texelFetch(u_coord, ivec2(gl_FragCoord.xy), 0);
    float part = abs(coord.w);
    bool face = coord.w > 0.5 && part < PART_SKIN + 0.5 && coord.z > 0.0;
    bool eye = part > PART_EYE_LEFT - 0.5 && part < PART_EYE_RIGHT + 0.5;
    bool mouth = part > PART_TEETH - 0.5;
    gl_FragDepth = part < 0.5 ? 0.0 : face ? 0.25 : eye ? 0.75 : mouth ? 1.0 : 0.5;
}
