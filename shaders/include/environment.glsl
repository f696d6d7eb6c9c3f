// Surroundings: irradiance from second-order spherical harmonics (Ramamoorthi and Hanrahan 2001), mirrors from a map of
// radiance whose levels are blurred by ever rougher surfaces (Karis 2013; gui/render/radiance.py).
// u_sh holds radiance coefficients times (1, 2/3, 1/4), so that the sum is irradiance / pi.

uniform vec3 u_sh[9];
uniform mat3 u_environment_from_head;
uniform sampler2D u_radiance;            // x: around from behind over the right (-X), y: from above down
uniform float u_radiance_gain;
const float RADIANCE_LEVELS = 5.0;       // after the first

// Irradiance / pi for a normal in head space.
vec3 environment_diffuse(vec3 normal) {
    vec3 d = u_environment_from_head * normal;
    return max(u_sh[0] + u_sh[1] * d.y + u_sh[2] * d.z + u_sh[3] * d.x
               + u_sh[4] * (d.x * d.y) + u_sh[5] * (d.y * d.z) + u_sh[6] * (3.0 * d.z * d.z - 1.0)
               + u_sh[7] * (d.x * d.z) + u_sh[8] * (d.x * d.x - d.y * d.y), 0.0);
}

// Where a direction in head space lies in the map of radiance.
vec2 radiance_place(vec3 direction) {
    vec3 d = u_environment_from_head * direction;
    return vec2(atan(d.x, d.z) / 6.28318531 + 0.5, acos(clamp(d.y, -1.0, 1.0)) / 3.14159265);
}

vec3 radiance_at(vec2 place, float roughness) {
    return textureLod(u_radiance, place, RADIANCE_LEVELS * pow(roughness, 0.6)).rgb * u_radiance_gain;
}

// Radiance about a direction in head space as a surface of this roughness mirrors it.
vec3 environment_mirrored(vec3 direction, float roughness) {
    return radiance_at(radiance_place(direction), roughness);
}
