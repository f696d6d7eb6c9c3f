#version 410 core
// The next mip level: the mean of 2 x 2 texels; of the length of the gradient the root of the mean square, so that
// the variance of the slopes under a texel is exact (Olano and Baker 2010).
#include "include/half.glsl"

uniform sampler2D u_source;

layout(location = 0) out vec4 o_texel;

void main() {
    ivec2 at = 2 * ivec2(gl_FragCoord.xy);
    vec4 a = texelFetch(u_source, at, 0), b = texelFetch(u_source, at + ivec2(1, 0), 0);
    vec4 c = texelFetch(u_source, at + ivec2(0, 1), 0), d = texelFetch(u_source, at + ivec2(1, 1), 0);
    vec4 mean = 0.25 * ((a + b) + (c + d));
    o_texel = nearest_half(vec4(mean.xyz, 0.5 * length(vec4(a.w, b.w, c.w, d.w))));
}
