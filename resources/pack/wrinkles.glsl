// Plays a Rhytid wrinkle pack: GLSL 3.30 and up, and GLSL ES 3.00 with a precision statement above it.
//
// The textures are those that wrinkles.json names, loaded as data (linear) but for the colours, which are sRGB textures
// or are made linear below. u_activation[map * WRINKLE_REGIONS + region] comes from the table of drivers, once a frame:
//     activation = min(max(0, sum of weight * shape) ^ curve, 1)
//
// Slopes are added, not normals: a wrinkle on a tilted surface keeps its depth and nothing is flattened where maps meet,
// which is what angle-corrected blending is for. wrinkle_over() lays the normals of another texture, such as tiling
// pores, on top (reoriented normal mapping, Barre-Brisebois and Hill 2012).

//{defines}

//{samplers}
uniform float u_activation[WRINKLE_MAPS * WRINKLE_REGIONS];

// x / z and y / z of a normal map's texel.
vec2 wrinkle_slope(vec3 texel) {
    vec3 n = texel * 2.0 - 1.0;
    return vec2(n.x, n.y * WRINKLE_GREEN) / max(n.z, 0.05);
}

vec3 wrinkle_linear(vec3 c) {
#ifdef WRINKLE_SRGB_TEXTURES
    return c;
#else
    return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c));
#endif
}

// How much of a map shows: the masks of the regions, each times its activation.
float wrinkle_share(int map, vec4 m1, vec4 m2, vec4 m3, float m4) {
    int at = map * WRINKLE_REGIONS;
    float share = 0.0;
    for (int k = 0; k < 4; ++k) {
        share += m1[k] * u_activation[at + k] + m2[k] * u_activation[at + 4 + k] + m3[k] * u_activation[at + 8 + k];
    }
    return share + m4 * u_activation[at + 12];
}

// Unit normal in tangent space (MikkTSpace), y up in the texture, and linear colour, at a texture coordinate.
void wrinkles(vec2 uv, out vec3 normal, out vec3 color) {
    vec4 m1 = texture(u_masks_1, uv), m2 = texture(u_masks_2, uv), m3 = texture(u_masks_3, uv);
    float m4 = texture(u_masks_4, uv).r;
    vec2 neutral = wrinkle_slope(texture(u_normal, uv).rgb);
    vec2 slope = neutral;
#ifdef WRINKLE_COLORS
    vec3 skin = wrinkle_linear(texture(u_color, uv).rgb);
    color = skin;
#else
    color = vec3(1.0);
#endif
    float share;
//{maps}
    color = max(color, vec3(0.0));
    normal = normalize(vec3(slope, 1.0));
}

// Normals of another texture on top, both unit and in tangent space.
vec3 wrinkle_over(vec3 base, vec3 detail) {
    vec3 t = base + vec3(0.0, 0.0, 1.0);
    vec3 u = detail * vec3(-1.0, -1.0, 1.0);
    return normalize(t * (dot(t, u) / t.z) - u);
}
