#version 410 core
// Handles of a line, one instance each: a box on the screen round a place of the skin, or round the way between two.
#include "include/gbuffer.glsl"

in vec3 in_from;
in vec3 in_to;
in vec2 in_chart;
in float in_kind;                 // 0 arm, 1 end of a tangent, 2 point, 3 the point that is held

uniform mat4 u_clip_from_head;
uniform vec2 u_target_px;
uniform float u_handle_px;
uniform float u_hidden_beyond;

flat out vec2 v_from;
flat out vec2 v_to;
flat out float v_kind;

// Place in px, origin bottom left; z: in front of the camera.
vec3 on_screen(vec3 position) {
    vec4 clip = u_clip_from_head * vec4(position, 1.0);
    return vec3((clip.xy / max(clip.w, 1e-6) * 0.5 + 0.5) * u_target_px, clip.w);
}

void main() {
    vec3 from = on_screen(in_from), to = on_screen(in_to);
    ivec2 pixel = ivec2(to.xy / u_target_px * u_size_px);
    bool inside = all(greaterThanEqual(to.xy, vec2(0.0))) && all(lessThan(to.xy, u_target_px));
    vec4 coord = inside ? texelFetch(u_coord, pixel, 0) : vec4(0.0);
    vec2 away = abs(coord.xy - in_chart);
    bool seen = coord.w > 0.5 && coord.w < 1.5 && max(away.x, away.y) < u_hidden_beyond && min(from.z, to.z) > 1.0;
    v_from = from.xy;
    v_to = to.xy;
    v_kind = in_kind;
    vec2 along = to.xy - from.xy;
    float reach = length(along);
    along = reach > 1e-3 ? along / reach : vec2(1.0, 0.0);
    vec2 across = vec2(-along.y, along.x);
    float margin = u_handle_px + 3.0;
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 at = mix(from.xy - margin * along, to.xy + margin * along, corner.x) + (corner.y * 2.0 - 1.0) * margin * across;
    gl_Position = seen ? vec4(at / u_target_px * 2.0 - 1.0, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
}
