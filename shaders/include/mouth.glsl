// Teeth, gums, tongue and lining, wet, lit through the lips and a little through the cheeks; and the flesh at the eyes.

uniform vec3 u_enamel;        // factor on the colour of teeth
uniform float u_tooth_wear;   // 0..1, of their edges

const float TONGUE = PART_MOUTH + 0.25;               // gui/render/mouth_surface.py
const float AT_EYES = PART_MOUTH + 0.5;               // the same
const vec3 ENAMEL_NECK = vec3(0.60, 0.46, 0.29);
const vec3 ENAMEL_BODY = vec3(0.68, 0.60, 0.47);
const vec3 DENTINE = vec3(0.52, 0.36, 0.19);
const vec3 ENAMEL_EDGE = vec3(0.50, 0.52, 0.52);      // translucent: the dark behind shows, and blue is scattered
const vec3 GUM = vec3(0.46, 0.165, 0.150);
const vec3 LINING = vec3(0.42, 0.130, 0.120);
const vec3 TONGUE_FLESH = vec3(0.43, 0.150, 0.140);
const vec3 TONGUE_COAT = vec3(0.52, 0.300, 0.270);
const vec3 CONJUNCTIVA = vec3(0.50, 0.21, 0.175);
const vec3 CARUNCLE_FLESH = vec3(0.56, 0.215, 0.18);
const vec3 TEAR_RIM = vec3(0.55, 0.36, 0.33);
const vec3 THROUGH_CHEEKS = vec3(0.080, 0.021, 0.017);
const float SALIVA_F0 = 0.022;
const float ENAMEL_F0 = 0.056;

float lattice(vec3 p) {
    p = fract(p * vec3(0.1031, 0.1030, 0.0973));
    p += dot(p, p.yxz + 33.33);
    return fract((p.x + p.y) * p.z);
}

// Value noise -1..1 with its gradient, per unit of p.
vec4 noise_with_gradient(vec3 p) {
    vec3 i = floor(p), f = p - i;
    vec3 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0), du = 30.0 * f * f * (f * (f - 2.0) + 1.0);
    float a = lattice(i), b = lattice(i + vec3(1, 0, 0)), c = lattice(i + vec3(0, 1, 0)), d = lattice(i + vec3(1, 1, 0));
    float e = lattice(i + vec3(0, 0, 1)), f1 = lattice(i + vec3(1, 0, 1)), g = lattice(i + vec3(0, 1, 1)), h = lattice(i + vec3(1));
    vec3 k = vec3(b - a, c - a, e - a), m = vec3(a - b - c + d, a - c - e + g, a - b - e + f1);
    float all = -a + b + c - d + e - f1 - g + h;
    float value = a + dot(k, u) + m.x * u.x * u.y + m.y * u.y * u.z + m.z * u.z * u.x + all * u.x * u.y * u.z;
    vec3 slope = du * (k + vec3(m.x * u.y + m.z * u.z, m.x * u.x + m.y * u.z, m.y * u.y + m.z * u.x) + all * u.yzx * u.zxy);
    return vec4(2.0 * value - 1.0, 2.0 * slope);
}

// Normal of a surface with bumps of this gradient (mm per mm), fading where they are smaller than a pixel.
vec3 bumped(vec3 n, vec3 gradient, float wave_mm, float size_mm) {
    gradient *= smoothstep(0.9, 0.25, size_mm / wave_mm);
    return normalize(n - (gradient - n * dot(gradient, n)));
}

// Margins of the lids, tears along them, caruncle and its fold; `lid` is the colour of the skin beside them.
vec3 shade_eye_flesh(vec3 place_mm, vec3 lid, vec3 n, vec3 view, float visibility, float light, float size_mm) {
    float over_ball = length(place_mm) - 14.4;
    vec4 broad = noise_with_gradient(place_mm * 0.8);
    vec4 fine = noise_with_gradient(place_mm * 2.6);
    // Where it lies in front it is skin, towards the tears membrane over blood; in the corner there is nothing else.
    float corner = smoothstep(-8.2, -9.4, place_mm.x);
    float wet = max(smoothstep(1.2, 0.5, over_ball), corner);
    float tears = smoothstep(0.55, 0.30, over_ball) * (1.0 - corner);
    vec3 albedo = mix(CONJUNCTIVA, CARUNCLE_FLESH, corner * smoothstep(-7.5, -10.5, place_mm.x));
    albedo = mix(albedo, TEAR_RIM, 0.7 * tears);
    // Melanin of dark skin reaches into it.
    albedo *= mix(0.55, 1.0, smoothstep(0.08, 0.36, lid.g));
    albedo = mix(albedo, lid, mix(0.80, 0.40 - 0.25 * max(corner, tears), wet));
    albedo *= 1.0 + 0.08 * broad.x + 0.12 * corner * fine.x;
    vec3 bumpy = bumped(n, broad.yzw * (0.04 + 0.10 * corner) + fine.yzw * (0.015 + 0.10 * corner), 0.7, size_mm);
    vec3 soft = normalize(mix(n, vec3(0.0, 0.0, 1.0), 0.15));
    // Lashes and lid keep light off a margin that looks down; a crevice is darker than its vertices know.
    float open = mix(visibility, 1.0, 0.2) * mix(1.0, 0.38, smoothstep(0.05, -0.35, n.y) * smoothstep(-3.0, 0.0, place_mm.y));
    open *= mix(1.0, mix(0.45, 1.0, smoothstep(0.05, 0.5, over_ball)), corner);
    light *= open;
    float cosine = clamp((dot(soft, u_key_direction) + 0.2) / 1.44, 0.0, 1.0);
    vec3 color = albedo * (environment_diffuse(soft) * bounced_visibility(open, albedo) + u_key_radiance * (cosine * light));

    float roughness = mix(mix(0.40, 0.22, wet), 0.10, tears);
    float n_dot_v = max(dot(bumpy, view), 0.05);
    float n_dot_l = max(dot(bumpy, u_key_direction), 0.0);
    vec3 h = normalize(view + u_key_direction);
    float lobe = ggx(clamp(dot(bumpy, h), 0.0, 1.0), n_dot_v, n_dot_l, roughness * roughness);
    color += u_key_radiance * (PI * n_dot_l * min(lobe, 40.0) * schlick(SALIVA_F0, dot(view, h)) * light);
    vec3 mirrored = reflect(-view, bumpy);
    color += environment_mirrored(mirrored, roughness) * (environment_brdf(SALIVA_F0, roughness, n_dot_v) * sqrt(open));
    return color;
}

vec3 shade_mouth(vec4 coord, vec3 n, vec3 view, float visibility, float light, float size_mm) {
    float part = abs(coord.w);
    vec3 rest_mm = coord.xyz * 100.0;
    bool tooth = part < PART_MOUTH - 0.5;
    vec3 albedo, bumpy = n;
    float roughness, f0, wrap;
    if (tooth) {
        float height = coord.y;
        float edge = smoothstep(0.72, 1.0, height);
        vec4 uneven = noise_with_gradient(vec3(rest_mm.x * 0.35, height * 5.0, rest_mm.z * 0.35));
        albedo = mix(mix(ENAMEL_NECK, ENAMEL_BODY, smoothstep(0.05, 0.45, height)), ENAMEL_EDGE, 0.55 * edge * (1.0 - 0.8 * u_tooth_wear));
        // Worn edges show dentine and take stain, and so do necks that the gums have left.
        float bare = max(0.7 * smoothstep(0.86, 1.0, height), 0.5 * smoothstep(0.30, 0.0, height));
        albedo = mix(albedo, DENTINE, bare * u_tooth_wear) * u_enamel;
        albedo *= 1.0 + 0.05 * uneven.x;
        bumpy = bumped(n, vec3(uneven.y, 0.0, uneven.w) * 0.03, 2.5, size_mm);
        roughness = 0.24;
        f0 = ENAMEL_F0;
        wrap = 0.25;
    } else {
        bool tongue = part > TONGUE - 0.12;
        vec4 broad = noise_with_gradient(rest_mm * 0.22);
        vec4 fine = noise_with_gradient(rest_mm * (tongue ? 2.1 : 0.9));
        float gum = smoothstep(88.0, 100.0, rest_mm.z);
        // Thread-like papillae make the back of the tongue pale and rough, its underside is smooth.
        float coat = tongue ? smoothstep(0.0, 0.7, n.y) * (0.7 + 0.3 * fine.x) : 0.0;
        albedo = tongue ? mix(TONGUE_FLESH, TONGUE_COAT, 0.75 * coat) : mix(LINING, GUM, gum);
        albedo *= 1.0 + 0.07 * broad.x + (tongue ? 0.10 : 0.05) * fine.x;
        vec3 slopes = broad.yzw * 0.05 + fine.yzw * (tongue ? 0.22 * coat + 0.03 : 0.05);
        bumpy = bumped(n, slopes, tongue ? 0.9 : 2.0, size_mm);
        roughness = tongue ? 0.36 : 0.28;
        f0 = SALIVA_F0;
        wrap = 0.2;
    }
    vec3 openness = bounced_visibility(visibility, albedo);
    // What light there is comes in from before the lips.
    vec3 lit_from = normalize(bumpy + vec3(0.0, 0.0, 0.8));
    float cosine = clamp((dot(mix(n, bumpy, 0.6), u_key_direction) + wrap) / ((1.0 + wrap) * (1.0 + wrap)), 0.0, 1.0);
    vec3 color = albedo * (environment_diffuse(lit_from) * openness + u_key_radiance * (cosine * light));
    // The throat is behind more than cheeks.
    float thin = tooth ? 0.5 : mix(0.35, 1.0, smoothstep(45.0, 95.0, rest_mm.z));
    color += thin * THROUGH_CHEEKS * environment_diffuse(vec3(0.0, 0.0, 1.0));

    float n_dot_v = max(dot(bumpy, view), 0.02);
    float n_dot_l = max(dot(bumpy, u_key_direction), 0.0);
    vec3 h = normalize(view + u_key_direction);
    float lobe = ggx(clamp(dot(bumpy, h), 0.0, 1.0), n_dot_v, n_dot_l, roughness * roughness);
    color += u_key_radiance * (PI * n_dot_l * min(lobe, 60.0) * schlick(f0, dot(view, h)) * light);
    float seen = clamp(sqrt(n_dot_v + visibility) - 1.0 + visibility, 0.0, 1.0);
    color += environment_mirrored(reflect(-view, bumpy), roughness) * (environment_brdf(f0, roughness, n_dot_v) * seen);
    return color;
}
