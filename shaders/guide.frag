#version 410 core
// The anatomy guide over the finished picture, in chart coordinates so that it hugs the surface.
#include "include/gbuffer.glsl"

uniform vec2 u_target_px;
uniform sampler2D u_lines;         // r: tension lines, g: muscle fibres
uniform vec4 u_tension_color;      // a: opacity
uniform vec4 u_fibre_color;        // a: opacity
uniform float u_level;             // of u_lines: one for the whole face costs a third of one for each pixel

out vec4 o_color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy / u_target_px * u_size_px);
    vec4 coord = texelFetch(u_coord, pixel, 0);
    bool skin = coord.w > 0.5 && coord.w < 1.5;
    bool inside = all(greaterThanEqual(coord.xy, vec2(0.0))) && all(lessThanEqual(coord.xy, vec2(1.0)));
    if (!skin || !inside) discard;
    vec2 lines = textureLod(u_lines, coord.xy, u_level).rg;
    vec2 shown = smoothstep(0.12, 0.55, lines) * vec2(u_tension_color.a, u_fibre_color.a);
    float opacity = shown.x + shown.y * (1.0 - shown.x);
    if (opacity < 0.004) discard;
    o_color = vec4(mix(u_tension_color.rgb, u_fibre_color.rgb, shown.y / (shown.x + shown.y)), opacity);
}
