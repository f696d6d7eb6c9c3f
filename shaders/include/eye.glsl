// Eyes from the direction in eye space: sclera, limbus, refracted iris, wet cornea.
uniform mat3 u_head_from_eye[2];
uniform vec3 u_iris_color;

const float IRIS_SIZE = 0.485;       // sine of the limbus' angle: 5.8 mm on a 12 mm eyeball
const float PUPIL_SIZE = 0.31;       // of the iris
const float CORNEA_CURVATURE = 1.5;  // eyeball radius / cornea radius

vec3 iris_pattern(vec2 q) {
    float radius = length(q);
    float angle = atan(q.y, q.x);
    // Fibres repeat after a whole turn: the noise runs on a circle.
    vec2 ring = vec2(cos(angle), sin(angle));
    float fibres = value_noise(ring * 11.0 + radius * 1.4) * 0.6 + value_noise(ring * 27.0 + radius * 2.2) * 0.4;
    float collarette = smoothstep(0.12, 0.0, abs(radius - 0.55 - 0.06 * (fibres - 0.5)));
    vec3 color = u_iris_color * (0.55 + 0.9 * fibres);
    color = mix(color, color * vec3(1.5, 1.15, 0.7), 0.5 * smoothstep(0.75, 0.35, radius));
    color *= 1.0 + 0.25 * collarette;
    color *= mix(1.0, 0.25, smoothstep(0.78, 1.0, radius));
    return color * smoothstep(PUPIL_SIZE - 0.035, PUPIL_SIZE + 0.035, radius);
}

vec3 shade_eye(vec3 direction, int eye, vec3 normal, vec3 view, float visibility, float light) {
    mat3 head_from_eye = u_head_from_eye[eye];
    vec3 d = normalize(direction);
    vec3 head_d = head_from_eye * d;
    float r = d.z > 0.0 ? length(d.xy) : 2.0 - length(d.xy);
    float inside = smoothstep(IRIS_SIZE + 0.035, IRIS_SIZE - 0.035, r);

    vec3 cornea = normalize(vec3(d.xy * CORNEA_CURVATURE, max(d.z, 0.2)));
    vec3 wet_normal = head_from_eye * normalize(mix(d, cornea, smoothstep(IRIS_SIZE + 0.1, IRIS_SIZE - 0.1, r)));

    // Sclera: warm white, redder to the corners, faint veins, softly lit through.
    float corner = smoothstep(0.45, 0.95, abs(d.x));
    float veins = value_noise(d.xy * vec2(7.0, 16.0) + 3.0) * value_noise(d.yx * 23.0 + 11.0);
    vec3 sclera = mix(vec3(0.53, 0.495, 0.46), vec3(0.48, 0.30, 0.25), 0.6 * corner);
    sclera *= mix(vec3(1.0), vec3(1.0, 0.86, 0.84), corner * smoothstep(0.25, 0.6, veins));

    vec3 iris = vec3(0.0);
    if (inside > 0.0) {
        vec3 view_e = transpose(head_from_eye) * view;
        vec3 bent = refract(-view_e, cornea, 1.0 / 1.336);
        float depth = (d.z - 0.80) / max(-bent.z, 0.2);
        vec2 q = (d.xy + bent.xy * depth) / IRIS_SIZE;
        iris = iris_pattern(q);
        // The cornea gathers light on the far side of the iris.
        vec3 key_e = transpose(head_from_eye) * u_key_direction;
        iris *= 1.0 + 0.9 * light * clamp(-dot(q, key_e.xy), -0.4, 1.0);
    }
    float limbus = smoothstep(0.09, 0.0, abs(r - IRIS_SIZE - 0.01));
    vec3 albedo = mix(sclera, iris, inside) * (1.0 - 0.35 * limbus * (1.0 - inside));

    // The upper lid shades the eyeball, the lashes more so.
    float lid = 1.0 - 0.6 * smoothstep(-0.05, 0.40, head_d.y) - 0.25 * smoothstep(0.15, 0.5, -head_d.y);
    float openness = visibility * lid;
    vec3 soft = normalize(mix(normal, vec3(0.0, 0.0, 1.0), 0.35));
    float cosine = dot(soft, u_key_direction);
    float lit = clamp((cosine + 0.25) / 1.5625, 0.0, 1.0);
    vec3 color = albedo * (environment_diffuse(soft) * openness + u_key_radiance * lit * light * lid);

    float n_dot_v = max(dot(wet_normal, view), 0.02);
    float fresnel = schlick(0.025, n_dot_v);
    color += environment_sharp(reflect(-view, wet_normal), 0.06) * min(fresnel, 0.2) * 3.5 * sqrt(openness);
    float n_dot_l = dot(wet_normal, u_key_direction);
    if (n_dot_l > 0.0) {
        vec3 h = normalize(view + u_key_direction);
        float alpha = 0.012;
        color += u_key_radiance * (PI * n_dot_l * min(ggx(clamp(dot(wet_normal, h), 0.0, 1.0), n_dot_v, n_dot_l, alpha), 400.0)
                                   * schlick(0.025, dot(view, h)) * light);
    }
    return color;
}
