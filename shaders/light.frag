#version 410 core
// Visibility of the key light per pixel from its shadow map and how much skin lies towards it, cached beside the
// G-buffer. The light is a disc: what is near its blocker has a narrow penumbra (Fernando 2005). The taps are the
// same for all pixels, so that nothing is grainy while things move; at rest frames with turned taps are averaged.
#include "include/gbuffer.glsl"

uniform mat4 u_shadow_from_head;
uniform sampler2DShadow u_shadow;
uniform sampler2D u_shadow_depth; // the same map without comparing
uniform vec2 u_penumbra;          // least and greatest radius, in units of the map's side
uniform float u_light_size;       // radius of the penumbra per distance of the blocker
uniform vec2 u_blocker_taps[BLOCKER_TAPS];   // in a disc of radius 1
uniform vec2 u_shadow_taps[SHADOW_TAPS];
uniform vec3 u_key_direction;
uniform float u_shadow_bias_mm;
uniform float u_shadow_depth_per_mm;
uniform float u_shadow_side_per_mm;

out vec2 o_light;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 normal = texelFetch(u_normal, pixel, 0).xyz;
    float facing = dot(normal, u_key_direction);
    vec3 surface = head_position(pixel);
    // Move the receiver off the surface along its normal, farther at grazing light, against self-shadowing.
    vec3 position = surface + normal * u_shadow_bias_mm * (1.0 + 2.0 * (1.0 - clamp(facing, 0.0, 1.0)));
    vec3 p = (u_shadow_from_head * vec4(position, 1.0)).xyz * 0.5 + 0.5;
    p.z -= 0.6 * u_shadow_bias_mm * u_shadow_depth_per_mm;

    float blocked = 0.0;
    float distance_mm = 0.0;
    float thickness_mm = 0.0;
    for (int i = 0; i < BLOCKER_TAPS; ++i) {
        float depth = textureLod(u_shadow_depth, p.xy + u_blocker_taps[i] * u_penumbra.y, 0.0).r;
        float between_mm = (p.z - depth) / u_shadow_depth_per_mm;
        float blocks = step(0.0, between_mm);
        blocked += blocks;
        distance_mm += blocks * between_mm;
    }
    float lit = blocked == 0.0 ? 1.0 : 0.0;
    if (blocked > 0.0 && blocked < float(BLOCKER_TAPS) && facing > -0.4) {
        // Few taps miss a blocker at the rim of their disc: a penumbra that reached there would begin with a step.
        float radius = distance_mm / blocked * u_light_size * u_shadow_side_per_mm;
        radius = clamp(radius, u_penumbra.x, 0.6 * u_penumbra.y);
        lit = 0.0;
        for (int i = 0; i < SHADOW_TAPS; ++i) lit += texture(u_shadow, vec3(p.xy + u_shadow_taps[i] * radius, p.z));
        lit /= float(SHADOW_TAPS);
    }
    if (facing < 0.23) {
        // Light came in on the far side: from under this surface to there. Where the light meets this surface first,
        // from within, the skin is open and nothing scatters.
        vec3 under = (u_shadow_from_head * vec4(surface - normal * u_shadow_bias_mm, 1.0)).xyz * 0.5 + 0.5;
        for (int i = 0; i < 4; ++i) {
            float depth = textureLod(u_shadow_depth, under.xy + u_blocker_taps[i] * u_penumbra.x, 0.0).r;
            float between_mm = (under.z - depth) / u_shadow_depth_per_mm;
            thickness_mm += 0.25 * (between_mm < 0.5 * u_shadow_bias_mm * facing ? MOST_THICKNESS_MM : max(between_mm, 0.0));
        }
        thickness_mm += u_shadow_bias_mm;
    } else {
        thickness_mm = MOST_THICKNESS_MM;
    }
    o_light = vec2(lit, min(thickness_mm / MOST_THICKNESS_MM, 1.0));
}
