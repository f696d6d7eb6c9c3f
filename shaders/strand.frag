#version 410 core
#include "include/color.glsl"

in vec3 v_color;
in float v_across_px;
flat in float v_half_px;
in float v_coverage;
in float v_soft;
uniform float u_exposure;
out vec4 o_color;

void main() {
    float inside = clamp(v_half_px + 0.5 - abs(v_across_px), 0.0, 1.0);
    float across = abs(v_across_px) / (v_half_px + 0.5);
    inside = mix(inside, 1.0 - smoothstep(0.0, 1.0, across), v_soft);
    o_color = vec4(srgb_from_linear(tone_map(v_color * u_exposure)), inside * v_coverage);
}
