#version 410 core
// Strokes and brush ring over the finished picture, in chart coordinates so that they hug the surface.
#include "include/gbuffer.glsl"

uniform vec2 u_target_px;
uniform sampler2D u_strokes;       // r: all strokes, g: selected ones
uniform sampler2D u_mask;          // tint in the chart
uniform vec4 u_mask_color;         // and its opacity
uniform float u_stroke_opacity;
uniform vec3 u_stroke_color;
uniform vec3 u_selected_color;
uniform vec4 u_ring[2];            // chart x, y, radius in chart units, 1 = shown
uniform float u_ring_mm_per_unit;  // the radius is measured on the skin; 0: in the chart
uniform vec3 u_ring_color;
uniform vec3 u_camera_mm;
uniform float u_mm_per_px;

out vec4 o_color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy / u_target_px * u_size_px);
    vec4 coord = texelFetch(u_coord, pixel, 0);
    vec4 color = vec4(0.0);
    bool skin = coord.w > 0.5 && coord.w < 1.5;
    vec3 p_x = texelFetch(u_tangent_x, pixel, 0).xyz;
    vec3 p_y = texelFetch(u_tangent_y, pixel, 0).xyz;
    float px_mm = u_mm_per_px * distance(u_camera_mm, head_position(pixel)) * u_size_px.y / u_target_px.y;

    bool inside = all(greaterThanEqual(coord.xy, vec2(0.0))) && all(lessThanEqual(coord.xy, vec2(1.0)));
#ifdef MASK
    float veil = textureLod(u_mask, coord.xy, 0.0).r * (skin && inside ? 1.0 : 0.0);
    color = vec4(u_mask_color.rgb, u_mask_color.a * veil);
#endif
#ifdef STROKES
    float texel_mm = 0.5 * (length(p_x) + length(p_y)) / float(textureSize(u_strokes, 0).x);
    vec2 strokes = textureLod(u_strokes, coord.xy, clamp(log2(px_mm / max(texel_mm, 1e-4)), 0.0, 2.0)).rg;
    strokes = smoothstep(0.12, 0.55, strokes) * (skin && inside ? 1.0 : 0.0);
    color = vec4(u_stroke_color, strokes.r * u_stroke_opacity);
    color = mix(color, vec4(u_selected_color, 1.0), strokes.g);
#endif
    for (int i = 0; i < 2; ++i) {
        if (u_ring[i].w < 0.5) continue;
        // Distance on the skin in mm through the chart's metric at this pixel.
        vec2 offset = coord.xy - u_ring[i].xy;
        float chart_distance = length(offset);
        vec2 direction = offset / max(chart_distance, 1e-6);
        float mm_per_unit = length(p_x * direction.x + p_y * direction.y);
        float ring_mm = u_ring[i].z * (u_ring_mm_per_unit > 0.0 ? u_ring_mm_per_unit : mm_per_unit);
        float from_ring_px = abs(chart_distance * mm_per_unit - ring_mm) / px_mm;
        float dot_px = chart_distance * mm_per_unit / px_mm;
        float bright = max(1.0 - smoothstep(0.7, 1.6, from_ring_px), 1.0 - smoothstep(1.0, 2.0, dot_px));
        float dark = 0.45 * (1.0 - smoothstep(1.4, 3.0, from_ring_px));
        float fade = (i == 0 ? 1.0 : 0.55) * (skin ? 1.0 : 0.0);
        vec4 ring = vec4(u_ring_color * (bright / max(bright + dark * (1.0 - bright), 1e-3)),
                         (bright + dark * (1.0 - bright)) * fade);
        color = vec4(mix(color.rgb, ring.rgb, ring.a), max(color.a, ring.a));
    }
    o_color = color;
}
