#version 410 core
// Corner gizmo: three axes as seen by the camera, positive ends lettered.
uniform vec2 u_center_px;
uniform float u_radius_px;
uniform vec4 u_end[6];       // x, y (up) in radii, depth, 1 = positive; farthest first
uniform vec3 u_end_color[6];
uniform int u_end_axis[6];   // 0 X, 1 Y, 2 Z
uniform int u_hovered;       // index of the end under the pointer, -1 none

out vec4 o_color;

float segment(vec2 p, vec2 a, vec2 b) {
    vec2 ab = b - a;
    return length(p - a - ab * clamp(dot(p - a, ab) / dot(ab, ab), 0.0, 1.0));
}

float letter(vec2 p, int axis) {
    if (axis == 0) return min(segment(p, vec2(-.6, -.8), vec2(.6, .8)), segment(p, vec2(-.6, .8), vec2(.6, -.8)));
    if (axis == 1) return min(segment(p, vec2(-.6, .8), vec2(0.)), min(segment(p, vec2(.6, .8), vec2(0.)), segment(p, vec2(0.), vec2(0., -.8))));
    return min(segment(p, vec2(-.55, .8), vec2(.55, .8)), min(segment(p, vec2(.55, .8), vec2(-.55, -.8)), segment(p, vec2(-.55, -.8), vec2(.55, -.8))));
}

void over(inout vec4 below, vec3 color, float alpha) {
    float a = alpha + below.a * (1.0 - alpha);
    below.rgb = a > 0.0 ? (color * alpha + below.rgb * below.a * (1.0 - alpha)) / a : below.rgb;
    below.a = a;
}

void main() {
    vec2 p = (gl_FragCoord.xy - u_center_px) / u_radius_px;
    float px = 1.0 / u_radius_px;
    vec4 color = vec4(0.0);
    for (int i = 0; i < 6; ++i) {
        bool positive = u_end[i].w > 0.5;
        vec2 end = u_end[i].xy;
        float near = 0.65 + 0.35 * u_end[i].z;
        vec3 tint = u_end_color[i] * (0.55 + 0.45 * near);
        if (positive && dot(end, end) > 1e-4) over(color, tint, 1.0 - smoothstep(px * 0.6, px * 1.8, segment(p, vec2(0.0), end)));
        float disc = length(p - end) - (i == u_hovered ? 0.22 : 0.19);
        float edge = 1.0 - smoothstep(-px, px, disc);
        if (positive || i == u_hovered) over(color, i == u_hovered ? vec3(0.95) : tint, edge);
        else {
            over(color, tint * 0.45, edge * 0.8);
            over(color, tint, (1.0 - smoothstep(px * 0.5, px * 1.5, abs(disc + px))) * 0.9);
        }
        if (positive) over(color, vec3(0.06), 1.0 - smoothstep(px * 0.4, px * 1.3, letter((p - end) / 0.11, u_end_axis[i]) * 0.11));
    }
    o_color = color;
}
