// Skin: diffuse light that wanders under the surface, two specular lobes, light through thin parts. After d'Eon and
// Luebke 2007 (F0 0.028), Penner 2011 (pre-integrated by curvature; red sees softer normals than blue) and, for what
// comes through, the mean free paths of Jensen et al. 2001.

uniform vec3 u_key_direction;     // towards the light, head space
uniform vec3 u_key_radiance;      // irradiance / pi at normal incidence
uniform sampler2D u_scattered;    // diffuse light by cosine (x) and curvature (y): core/maps/scattering.py

const float SKIN_F0 = 0.028;
const float MOST_CURVATURE = 0.4;                // 1/mm, of the last row
const vec2 SCATTER_BLUR_MM = vec2(1.6, 0.7);     // width of what red and green light average of the relief
const vec2 SCATTERED_SHARE = vec2(0.75, 0.5);    // share of it that does
const float CAVITY_PER_MM = 2.2;                 // of depth below what red light averages
const float MOST_APART = 0.08;                   // of the normals that two neighbouring colours see
const vec3 FREE_PATH_MM = vec3(3.67, 1.37, 0.68);
const float THROUGH = 0.45;                     // of light that falls on the far side, what is left at no depth

struct Skin {
    vec3 sharp_normal;   // what mirrors
    vec3 red_normal;     // what diffuse light of each colour sees
    vec3 green_normal;
    vec3 blue_normal;
    vec3 smooth_normal;  // without relief
    vec3 albedo;
    float gloss;
    float curvature;
    float visibility;    // of the surroundings
    float cavity;        // 1 = open
    float roughening;    // slope variance below the pixel
    float light;         // visibility of the key light
    float thickness_mm;  // of the skin towards the key light
};

// How open skin is to light: in a pit less than 1, by how far it lies below the skin within a millimetre or two.
float openness(float height_mm, float around_mm) {
    return clamp(1.0 + CAVITY_PER_MM * (height_mm - around_mm), 0.4, 1.06);
}

// The normal of another colour beside that of green. Light of all colours leaves a sharp crease nearly together: on its
// way through the skin it crosses the floor many times. Normals as far apart as the slopes there would draw fringes.
vec3 beside(vec3 green_normal, vec3 normal) {
    vec3 apart = normal - green_normal;
    return normalize(green_normal + apart * (MOST_APART / (MOST_APART + length(apart))));
}

// Diffuse light of the key for each colour's cosine.
vec3 scattered(vec3 cosines, float curvature) {
    vec3 x = 0.5 + 0.5 * cosines;
    float y = curvature / MOST_CURVATURE;
    return vec3(textureLod(u_scattered, vec2(x.r, y), 0.0).r, textureLod(u_scattered, vec2(x.g, y), 0.0).g,
                textureLod(u_scattered, vec2(x.b, y), 0.0).b);
}

// Roughness of the wide and the tight lobe, by region, with the slopes that are too small to see.
vec2 lobe_alphas(Skin skin) {
    vec2 roughness = mix(vec2(0.62, 0.36), vec2(0.46, 0.25), skin.gloss);
    vec2 alpha = roughness * roughness;
    return min(sqrt(alpha * alpha + skin.roughening), vec2(1.0));
}

float tight_share(Skin skin) {
    return mix(0.08, 0.25, skin.gloss);
}

vec3 shade_skin(Skin skin, vec3 view) {
    float n_dot_v = max(dot(skin.sharp_normal, view), 0.02);
    vec2 alpha = lobe_alphas(skin);
    vec2 roughness = sqrt(alpha);
    float tight = tight_share(skin);
    vec2 shares = vec2(environment_brdf(SKIN_F0, roughness.x, n_dot_v) * (1.0 - tight),
                       environment_brdf(SKIN_F0, roughness.y, n_dot_v) * tight);
    float mirrored_share = shares.x + shares.y;
    // The approximation mirrors too little at grazing views: without the second term more light would leave than came.
    float entering = 1.0 - mirrored_share - 0.16 * schlick(0.0, n_dot_v);

    vec3 ambient = vec3(environment_diffuse(skin.red_normal).r, environment_diffuse(skin.green_normal).g,
                        environment_diffuse(skin.blue_normal).b);
    vec3 openness = bounced_visibility(skin.visibility * skin.cavity, skin.albedo);
    vec3 cosines = vec3(dot(skin.red_normal, u_key_direction), dot(skin.green_normal, u_key_direction),
                        dot(skin.blue_normal, u_key_direction));
    // Light bleeds red into the edge of a shadow.
    vec3 shadow = vec3(mix(skin.light, skin.light * (2.0 - skin.light), 0.7), skin.light, skin.light);
    vec3 lit = scattered(cosines, skin.curvature) * shadow * mix(1.0, skin.cavity, 0.5);
    float behind = clamp(0.3 - 1.3 * dot(skin.smooth_normal, u_key_direction), 0.0, 1.0);
    lit += THROUGH * behind * exp(-skin.thickness_mm / FREE_PATH_MM);
    vec3 color = skin.albedo * (ambient * openness + u_key_radiance * lit) * entering;

    float lit_cosine = max(dot(skin.sharp_normal, u_key_direction), 0.0);
    vec3 h = normalize(view + u_key_direction);
    float n_dot_h = clamp(dot(skin.sharp_normal, h), 0.0, 1.0);
    float lobes = mix(ggx(n_dot_h, n_dot_v, lit_cosine, alpha.x), ggx(n_dot_h, n_dot_v, lit_cosine, alpha.y), tight);
    // What lies in a pore or under the horizon of the skin around mirrors nothing.
    float open = clamp(skin.cavity, 0.0, 1.0);
    color += u_key_radiance * (PI * lit_cosine * lobes * schlick(SKIN_F0, dot(view, h)) * skin.light * open);
    vec3 mirrored = reflect(-view, skin.sharp_normal);
    float horizon = clamp(1.0 + dot(mirrored, skin.smooth_normal), 0.0, 1.0);
    float occlusion = clamp(sqrt(n_dot_v + skin.visibility) - 1.0 + skin.visibility, 0.0, 1.0);
    vec2 place = radiance_place(mirrored);
    vec3 around = radiance_at(place, roughness.x) * shares.x + radiance_at(place, roughness.y) * shares.y;
    color += around * (occlusion * horizon * horizon * open);
    return color;
}
