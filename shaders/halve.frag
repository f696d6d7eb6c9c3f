#version 410 core
// The next mip level: the mean of 2 x 2 texels.
#include "include/half.glsl"

uniform sampler2D u_source;

layout(location = 0) out vec4 o_texel;

void main() {
    ivec2 at = 2 * ivec2(gl_FragCoord.xy);
    vec4 upper = texelFetch(u_source, at, 0) + texelFetch(u_source, at + ivec2(1, 0), 0);
    vec4 lower = texelFetch(u_source, at + ivec2(0, 1), 0) + texelFetch(u_source, at + ivec2(1, 1), 0);
    o_texel = nearest_half(0.25 * (upper + lower));
}
