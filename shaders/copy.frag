#version 410 core
// One texture into another of the same size.
#include "include/color.glsl"

uniform sampler2D u_source;
uniform float u_gain;
uniform float u_dither;   // 1: the target has 8 bits

out vec4 o_color;

void main() {
    vec3 color = texelFetch(u_source, ivec2(gl_FragCoord.xy), 0).rgb * u_gain;
    o_color = vec4(u_dither > 0.5 ? dithered(color, gl_FragCoord.xy) : color, 1.0);
}
