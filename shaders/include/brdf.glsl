// Microfacet reflection.
const float PI = 3.14159265;

// GGX distribution times the height-correlated Smith visibility, without Fresnel.
float ggx(float n_dot_h, float n_dot_v, float n_dot_l, float alpha) {
    float a2 = alpha * alpha;
    float d = n_dot_h * n_dot_h * (a2 - 1.0) + 1.0;
    // Hammon 2017, the usual approximation of the correlated visibility
    float visibility = 0.5 / max(mix(2.0 * n_dot_l * n_dot_v, n_dot_l + n_dot_v, alpha), 1e-3);
    return a2 / (PI * d * d) * visibility;
}

float schlick(float f0, float cosine) {
    float m = 1.0 - clamp(cosine, 0.0, 1.0);
    float m2 = m * m;
    return f0 + (1.0 - f0) * m2 * m2 * m;
}

// Scale of a blurred environment for a dielectric of reflectance f0 (Karis 2014, mobile approximation).
float environment_brdf(float f0, float roughness, float n_dot_v) {
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a = min(r.x * r.x, exp2(-9.28 * n_dot_v)) * r.x + r.y;
    return max(f0 * (-1.04 * a + r.z) + (1.04 * a + r.w), 0.0);
}

// Visibility of the surroundings with light bounced inside the crevice (Jimenez et al. 2016, eq. 10).
vec3 bounced_visibility(float visibility, vec3 albedo) {
    vec3 a = 2.0404 * albedo - 0.3324;
    vec3 b = -4.7951 * albedo + 0.6417;
    vec3 c = 2.7552 * albedo + 0.6903;
    return max(vec3(visibility), ((visibility * a + b) * visibility + c) * visibility);
}
