#version 410 core
// Visibility of the key light per pixel from its shadow map, cached beside the G-buffer.
#include "include/gbuffer.glsl"

uniform mat4 u_shadow_from_head;
uniform sampler2DShadow u_shadow;
uniform float u_shadow_radius;    // of the penumbra, in units of the map's side
uniform vec3 u_key_direction;
uniform float u_shadow_bias_mm;
uniform float u_shadow_depth_per_mm;

out float o_light;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 normal = texelFetch(u_normal, pixel, 0).xyz;
    float facing = dot(normal, u_key_direction);
    vec3 position = head_position(pixel);
    // Move the receiver off the surface along its normal, farther at grazing light, against self-shadowing.
    position += normal * u_shadow_bias_mm * (1.0 + 2.0 * (1.0 - clamp(facing, 0.0, 1.0)));
    vec3 p = (u_shadow_from_head * vec4(position, 1.0)).xyz * 0.5 + 0.5;
    p.z -= 0.6 * u_shadow_bias_mm * u_shadow_depth_per_mm;
    // Rotated per pixel, so that the few taps make noise rather than bands; the accumulation at rest averages it.
    float angle = 6.2831853 * fract(52.9829189 * fract(dot(vec2(pixel), vec2(0.06711056, 0.00583715))) + u_noise_phase);
    vec2 turn = vec2(cos(angle), sin(angle)) * u_shadow_radius;
    float lit = 0.0;
    for (int i = 0; i < SHADOW_TAPS; ++i) {
        float radius = sqrt((float(i) + 0.5) / float(SHADOW_TAPS));
        float theta = 2.3999632 * float(i);
        vec2 offset = vec2(cos(theta), sin(theta)) * radius;
        offset = vec2(offset.x * turn.x - offset.y * turn.y, offset.x * turn.y + offset.y * turn.x);
        lit += texture(u_shadow, vec3(p.xy + offset, p.z));
    }
    o_light = lit / float(SHADOW_TAPS);
}
