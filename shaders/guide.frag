#version 410 core
// The anatomy guide over the finished picture, in chart coordinates so that it hugs the surface.
#include "include/gbuffer.glsl"

uniform vec2 u_target_px;
uniform sampler2D u_lines;         // r: tension lines, g: muscle fibres
uniform vec4 u_tension_color;      // a: opacity
uniform vec4 u_fibre_color;        // a: opacity
uniform vec3 u_camera_mm;
uniform float u_mm_per_px;

out vec4 o_color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy / u_target_px * u_size_px);
    vec4 coord = texelFetch(u_coord, pixel, 0);
    bool skin = coord.w > 0.5 && coord.w < 1.5;
    bool inside = all(greaterThanEqual(coord.xy, vec2(0.0))) && all(lessThanEqual(coord.xy, vec2(1.0)));
    if (!skin || !inside) discard;
    float px_mm = u_mm_per_px * distance(u_camera_mm, head_position(pixel)) * u_size_px.y / u_target_px.y;
    vec3 p_x = texelFetch(u_tangent_x, pixel, 0).xyz, p_y = texelFetch(u_tangent_y, pixel, 0).xyz;
    float texel_mm = 0.5 * (length(p_x) + length(p_y)) / float(textureSize(u_lines, 0).x);
    vec2 lines = textureLod(u_lines, coord.xy, clamp(log2(px_mm / max(texel_mm, 1e-4)), 0.0, 2.0)).rg;
    vec2 shown = smoothstep(0.12, 0.55, lines) * vec2(u_tension_color.a, u_fibre_color.a);
    float opacity = shown.x + shown.y * (1.0 - shown.x);
    if (opacity < 0.004) discard;
    o_color = vec4(mix(u_tension_color.rgb, u_fibre_color.rgb, shown.y / (shown.x + shown.y)), opacity);
}
