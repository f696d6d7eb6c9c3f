// Skin: diffuse with per-channel scattering, two specular lobes. After d'Eon and Luebke 2007 (two lobes,
// F0 0.028), Penner 2011 (scattering grows with curvature; red sees softer normals than blue).

uniform vec3 u_key_direction;     // towards the light, head space
uniform vec3 u_key_radiance;      // irradiance / pi at normal incidence

const float SKIN_F0 = 0.028;
const vec3 NORMAL_SOFTNESS = vec3(0.42, 0.22, 0.14);   // share of the blurred normal per channel
const vec3 SCATTER_MM = vec3(2.2, 0.75, 0.4);          // wrap = curvature * this
const float SCATTER_BLUR_MM = 0.9;

struct Skin {
    vec3 sharp_normal;
    vec3 blurred_normal;
    vec3 albedo;
    float gloss;
    float curvature;
    float visibility;   // of the surroundings
    float cavity;       // 1 = open
    float roughening;   // slope variance below the pixel
    float light;        // visibility of the key light
};

vec3 shade_skin(Skin skin, vec3 view) {
    vec3 diffuse_sharp = environment_diffuse(skin.sharp_normal);
    vec3 diffuse_soft = environment_diffuse(skin.blurred_normal);
    vec3 ambient = mix(diffuse_sharp, diffuse_soft, NORMAL_SOFTNESS);
    vec3 openness = bounced_visibility(skin.visibility * skin.cavity, skin.albedo);

    vec3 cosine = mix(vec3(dot(skin.sharp_normal, u_key_direction)),
                      vec3(dot(skin.blurred_normal, u_key_direction)), NORMAL_SOFTNESS);
    vec3 wrap = clamp(0.02 + skin.curvature * SCATTER_MM, 0.0, 0.35);
    vec3 lit = clamp((cosine + wrap) / ((1.0 + wrap) * (1.0 + wrap)), 0.0, 1.0);
    // Light bleeds red into the edge of a shadow.
    vec3 shadow = vec3(mix(skin.light, sqrt(skin.light), 0.35), skin.light, skin.light);
    vec3 color = skin.albedo * (ambient * openness + u_key_radiance * lit * shadow * mix(1.0, skin.cavity, 0.5));

    float n_dot_v = max(dot(skin.sharp_normal, view), 0.02);
    float n_dot_l = dot(skin.sharp_normal, u_key_direction);
    float broad = mix(0.60, 0.40, skin.gloss);
    float tight = broad * 0.62;
    float broad2 = broad * broad;
    float tight2 = tight * tight;
    float alpha_broad = min(sqrt(broad2 * broad2 + skin.roughening), 1.0);
    float alpha_tight = min(sqrt(tight2 * tight2 + skin.roughening), 1.0);
    float strength = mix(0.5, 1.0, skin.gloss) * skin.cavity;
    float lit_cosine = max(n_dot_l, 0.0);
    vec3 h = normalize(view + u_key_direction);
    float n_dot_h = clamp(dot(skin.sharp_normal, h), 0.0, 1.0);
    float lobes = mix(ggx(n_dot_h, n_dot_v, lit_cosine, alpha_broad), ggx(n_dot_h, n_dot_v, lit_cosine, alpha_tight), 0.3);
    color += u_key_radiance * (PI * lit_cosine * lobes * schlick(SKIN_F0, dot(view, h)) * skin.light * strength);
    vec3 mirrored = reflect(-view, skin.sharp_normal);
    float occlusion = clamp(sqrt(n_dot_v + skin.visibility) - 1.0 + skin.visibility, 0.0, 1.0);
    color += environment_rough(mirrored) * environment_brdf(SKIN_F0, broad, n_dot_v) * occlusion * strength;
    return color;
}
