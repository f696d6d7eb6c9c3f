// Eyes from the direction in eye space: sclera, limbus, refracted iris, wet cornea.
uniform mat3 u_head_from_eye[2];
uniform sampler2D u_sclera;          // over x and y of the front's directions; alpha: share of the iris
uniform sampler2D u_iris;            // between the limbus' ends

const float IRIS_SIZE = 0.485;       // sine of the limbus' angle, as in core/maps/eye_color.py
const float EYE_TEXEL_MM = 0.056;    // of the sclera's picture on a common eyeball; the iris has half of it
const float CORNEA_CURVATURE = 1.5;  // eyeball radius / cornea radius

vec3 shade_eye(vec3 direction, int eye, vec3 normal, vec3 view, float visibility, float light, float size_mm) {
    mat3 head_from_eye = u_head_from_eye[eye];
    vec3 d = normalize(direction);
    vec3 head_d = head_from_eye * d;
    float r = d.z > 0.0 ? length(d.xy) : 2.0 - length(d.xy);
    float level = log2(max(size_mm / EYE_TEXEL_MM, 1.0));
    vec4 white = textureLod(u_sclera, d.xy * 0.5 + 0.5, level);
    float inside = d.z > 0.0 ? white.a : 0.0;

    vec3 cornea = normalize(vec3(d.xy * CORNEA_CURVATURE, max(d.z, 0.2)));
    vec3 wet_normal = head_from_eye * normalize(mix(d, cornea, smoothstep(IRIS_SIZE + 0.1, IRIS_SIZE - 0.1, r)));

    vec3 iris = vec3(0.0);
    if (inside > 0.0) {
        vec3 view_e = transpose(head_from_eye) * view;
        vec3 bent = refract(-view_e, cornea, 1.0 / 1.336);
        float depth = (d.z - 0.80) / max(-bent.z, 0.2);
        vec2 q = (d.xy + bent.xy * depth) / IRIS_SIZE;
        iris = textureLod(u_iris, q * 0.5 + 0.5, level + 1.0).rgb;
        // The cornea gathers light on the far side of the iris.
        vec3 key_e = transpose(head_from_eye) * u_key_direction;
        iris *= 1.0 + 0.9 * light * clamp(-dot(q, key_e.xy), -0.4, 1.0);
    }
    vec3 albedo = mix(white.rgb, iris, inside);

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
