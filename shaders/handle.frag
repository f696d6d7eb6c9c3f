#version 410 core
// Handles of a line: squares, discs and arms with a dark rim.
flat in vec2 v_from;
flat in vec2 v_to;
flat in float v_kind;

uniform float u_handle_px;
uniform vec3 u_handle_color;
uniform vec3 u_held_color;

out vec4 o_color;

void main() {
    vec2 p = gl_FragCoord.xy - v_from, way = v_to - v_from;
    float outside;                // px beyond the mark's edge
    if (v_kind < 0.5) {
        outside = length(p - way * clamp(dot(p, way) / max(dot(way, way), 1e-6), 0.0, 1.0)) - 0.6;
    } else if (v_kind < 1.5) {
        outside = length(p) - u_handle_px;
    } else {
        outside = max(abs(p.x), abs(p.y)) - u_handle_px;
    }
    float fill = 1.0 - smoothstep(-0.5, 0.5, outside), rim = 1.0 - smoothstep(0.7, 1.7, outside);
    if (rim < 0.004) discard;
    vec3 color = v_kind > 2.5 ? u_held_color : u_handle_color;
    o_color = vec4(mix(vec3(0.08), color, fill), mix(0.75 * rim, 1.0, fill));
}
