// Eyes from the direction in eye space: sclera, limbus, refracted iris, wet cornea, and what the lids do to them.
uniform mat3 u_head_from_eye[2];
uniform sampler2D u_sclera;          // over x and y of the front's directions; alpha: share of the iris
uniform sampler2D u_iris;            // between the limbus' ends
uniform vec2 u_lids[48];             // elevation of the lower and the upper lid over azimuths, left eye then right
uniform vec2 u_inner_corner[2];      // azimuth, elevation

const float IRIS_SIZE = 0.43;        // sine of the limbus' angle, as in core/maps/eye_color.py
const float EYE_TEXEL_MM = 0.056;    // of the sclera's picture on a common eyeball; the iris has half of it
const float EYEBALL_MM = 14.0;       // radius
const float CORNEA_CURVATURE = 1.5;  // eyeball radius / cornea radius
const float WIDEST = 1.3089969;      // azimuth of the ends of u_lids, as in core/head/eye_opening.py
const int N_AZIMUTHS = 24;
const float EYE_F0 = 0.025;
const vec3 CARUNCLE = vec3(0.60, 0.29, 0.25);
const vec3 LID_LINING = vec3(0.42, 0.17, 0.14);

// Elevation of the lower and the upper lid.
vec2 lids_at(int eye, float azimuth) {
    float at = clamp((azimuth + WIDEST) / (2.0 * WIDEST), 0.0, 1.0) * float(N_AZIMUTHS - 1);
    int k = min(int(at), N_AZIMUTHS - 2);
    return mix(u_lids[eye * N_AZIMUTHS + k], u_lids[eye * N_AZIMUTHS + k + 1], at - float(k));
}

// Where a ray that a cornea bent meets the iris, in units of its radius: a shallow bowl behind the limbus' plane.
vec2 iris_point(vec3 d, vec3 bent) {
    float per_depth = 1.0 / max(-bent.z, 0.25);
    vec2 q = (d.xy + bent.xy * (d.z - 0.82) * per_depth) / IRIS_SIZE;
    float bowl = 0.80 + 0.06 * min(length(q), 1.0);
    return (d.xy + bent.xy * (d.z - bowl) * per_depth) / IRIS_SIZE;
}

vec3 shade_eye(vec3 direction, int eye, vec3 normal, vec3 view, float visibility, float light, float size_mm) {
    mat3 head_from_eye = u_head_from_eye[eye];
    vec3 d = normalize(direction);
    vec3 head_d = head_from_eye * d;
    float azimuth = atan(head_d.x, head_d.z);
    float elevation = asin(clamp(head_d.y, -1.0, 1.0));
    vec2 lids = lids_at(eye, azimuth);
    float above_lower = max(elevation - lids.x, 0.0) * EYEBALL_MM;   // mm along the ball
    float below_upper = max(lids.y - elevation, 0.0) * EYEBALL_MM;
    float from_nose = (eye == 0 ? 1.0 : -1.0) * (azimuth - u_inner_corner[eye].x) * EYEBALL_MM;

    float r = d.z > 0.0 ? length(d.xy) : 2.0 - length(d.xy);
    float level = log2(max(size_mm / EYE_TEXEL_MM, 1.0));
    vec4 white = textureLod(u_sclera, d.xy * 0.5 + 0.5, level);
    float inside = d.z > 0.0 ? white.a : 0.0;
    float on_cornea = smoothstep(IRIS_SIZE + 0.06, IRIS_SIZE - 0.06, r);

    vec3 cornea = normalize(vec3(d.xy * CORNEA_CURVATURE, max(d.z, 0.2)));
    // The membrane over the sclera is not as smooth as the cornea.
    vec3 wave = 0.022 * (1.0 - on_cornea) * vec3(sin(23.0 * d.y + 9.0 * d.x), sin(19.0 * d.x - 13.0 * d.y), 0.0);
    vec3 wet_normal = head_from_eye * normalize(mix(d, cornea, on_cornea) + wave);
    vec3 key_e = transpose(head_from_eye) * u_key_direction;

    vec3 iris = vec3(0.0);
    if (inside > 0.0) {
        vec3 bent = refract(-(transpose(head_from_eye) * view), cornea, 1.0 / 1.336);
        vec2 q = iris_point(d, bent);
        iris = textureLod(u_iris, q * 0.5 + 0.5, level + 1.0).rgb;
        iris *= 1.0 - 0.75 * smoothstep(0.93, 1.12, length(q));
        // The cornea gathers light on the far side of the iris and leaves the near side darker.
        vec2 far_side = q + 0.75 * key_e.xy;
        float gathered = exp(-2.2 * dot(far_side, far_side)) * smoothstep(0.0, 0.3, key_e.z);
        iris *= 1.0 + light * (1.4 * gathered - 0.3 * clamp(dot(q, key_e.xy), 0.0, 1.0));
    }
    vec3 albedo = mix(white.rgb, iris, inside);
    // Redder beside the lids, and flesh in the corner at the nose.
    float rim = max(exp(-above_lower / 0.7), 0.7 * exp(-below_upper / 0.9));
    albedo = mix(albedo, LID_LINING, 0.55 * rim * (1.0 - inside));
    float flesh = smoothstep(3.6, 1.4, from_nose + 0.5 * sin(1.7 * elevation * EYEBALL_MM)) * (1.0 - inside);
    albedo = mix(albedo, CARUNCLE, 0.85 * flesh);

    // Lids and lashes keep light off the ball beside them.
    float shade = (1.0 - 0.70 * exp(-below_upper / 1.2)) * (1.0 - 0.34 * exp(-below_upper / 4.5));
    float openness = shade * (1.0 - 0.35 * exp(-above_lower / 0.9)) * mix(1.0, 1.2, flesh);
    openness *= mix(visibility, 1.0, 0.35) * mix(0.55, 1.0, smoothstep(0.3, 2.6, below_upper + above_lower));
    float key = light * (1.0 - 0.75 * exp(-below_upper / 0.8)) * mix(0.8, 1.0, shade);
    vec3 soft = normalize(mix(mix(normal, head_from_eye * vec3(0.0, 0.0, 1.0), 0.6 * inside), vec3(0.0, 0.0, 1.0), 0.25));
    float cosine = dot(soft, u_key_direction);
    float lit = clamp((cosine + 0.25) / 1.5625, 0.0, 1.0);
    vec3 color = albedo * (environment_diffuse(soft) * openness + u_key_radiance * lit * key);

    // Tears stand in the angle between ball and lower lid.
    float tears = smoothstep(0.50, 0.15, above_lower) * smoothstep(0.0, 1.5, below_upper);
    vec3 up = normalize(vec3(0.0, 1.0, 0.0) - head_d * head_d.y);
    vec3 bumpy = vec3(sin(5.1 * from_nose), sin(4.3 * elevation * EYEBALL_MM + 1.0), 0.0);
    wet_normal = normalize(wet_normal + 0.9 * tears * up + 0.25 * flesh * bumpy);
    float n_dot_v = max(dot(wet_normal, view), 0.02);
    float fresnel = min(schlick(EYE_F0, n_dot_v), 0.4);
    vec3 mirrored = reflect(-view, wet_normal);
    // Upwards it mirrors the upper lid and its lashes, which are dark.
    float free = mix(1.0, smoothstep(0.0, 3.5, below_upper), clamp(1.4 * mirrored.y, 0.0, 1.0));
    color += environment_mirrored(mirrored, 0.05) * (fresnel * mix(0.10, 0.9, free) * sqrt(openness));
    float n_dot_l = dot(wet_normal, u_key_direction);
    if (n_dot_l > 0.0) {
        vec3 h = normalize(view + u_key_direction);
        float alpha = mix(mix(0.05, 0.012, on_cornea), 0.12, max(tears, flesh));
        float lobe = min(ggx(clamp(dot(wet_normal, h), 0.0, 1.0), n_dot_v, n_dot_l, alpha), 400.0);
        color += u_key_radiance * (PI * n_dot_l * lobe * schlick(EYE_F0, dot(view, h)) * light);
    }
    return color;
}
