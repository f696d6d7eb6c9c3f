#version 410 core
// Gradient of a displacement map: central differences, one-sided at its border.
#include "include/half.glsl"

uniform sampler2D u_displacement;   // mm
uniform ivec2 u_origin;             // texel under the target's first pixel

layout(location = 0) out vec4 o_texel;   // d/dx, d/dy in mm per chart unit, displacement in mm, |gradient|

float height(int x, int y) {
    return texelFetch(u_displacement, ivec2(x, y), 0).r;
}

void main() {
    ivec2 size = textureSize(u_displacement, 0);
    ivec2 at = ivec2(gl_FragCoord.xy) + u_origin;
    ivec2 low = max(at - 1, ivec2(0));
    ivec2 high = min(at + 1, size - 1);
    vec2 rise = vec2(height(high.x, at.y) - height(low.x, at.y), height(at.x, high.y) - height(at.x, low.y));
    vec2 slope = rise * (vec2(size) / vec2(high - low));
    o_texel = nearest_half(vec4(slope, height(at.x, at.y), length(slope)));
}
