// Second-order spherical harmonics environment (Ramamoorthi and Hanrahan 2001) plus its bright discs.
// u_sh holds radiance coefficients times (1, 2/3, 1/4), so that the sum is irradiance / pi.

uniform vec3 u_sh[9];
uniform vec3 u_sh_mirrored[9];           // the same as surfaces mirror it
uniform mat3 u_environment_from_head;
const int MAX_DISCS = 3;
uniform int u_n_discs;
uniform vec4 u_disc[MAX_DISCS];          // direction in the environment, cosine of the angular radius
uniform vec3 u_disc_radiance[MAX_DISCS];

vec3 sh_sum(vec3 sh[9], vec3 d, float band1, float band2) {
    return sh[0]
        + band1 * (sh[1] * d.y + sh[2] * d.z + sh[3] * d.x)
        + band2 * (sh[4] * (d.x * d.y) + sh[5] * (d.y * d.z) + sh[6] * (3.0 * d.z * d.z - 1.0)
                   + sh[7] * (d.x * d.z) + sh[8] * (d.x * d.x - d.y * d.y));
}

// Irradiance / pi for a normal in head space.
vec3 environment_diffuse(vec3 normal) {
    return max(sh_sum(u_sh, u_environment_from_head * normal, 1.0, 1.0), 0.0);
}

// Radiance about a direction in head space as a rough surface mirrors it.
vec3 environment_rough(vec3 direction) {
    return max(sh_sum(u_sh_mirrored, u_environment_from_head * direction, 1.25, 1.6), 0.0);
}

// Radiance in a direction as a wet surface mirrors it: the blurred surroundings and the lamps with an edge.
vec3 environment_sharp(vec3 direction, float softness) {
    vec3 d = u_environment_from_head * direction;
    vec3 radiance = max(sh_sum(u_sh_mirrored, d, 1.0, 1.0), 0.0) * 0.6;
    for (int i = 0; i < MAX_DISCS; ++i) {
        if (i >= u_n_discs) break;
        float edge = smoothstep(u_disc[i].w - softness, u_disc[i].w + softness, dot(d, u_disc[i].xyz));
        radiance += edge * u_disc_radiance[i];
    }
    return radiance;
}
