// Tone curve and display encoding. Shading happens in linear light, Rec. 709 primaries.

vec3 srgb_from_linear(vec3 c) {
    c = clamp(c, 0.0, 1.0);
    return mix(12.92 * c, 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c));
}

uniform float u_filmic;   // 1: as film, 0: neutral, as photos are

// Toe, straight part and shoulder of film (Uchimura 2017, "HDR theory and practice": contrast 1, straight from 0.22 to
// 0.532, toe 1.33).
vec3 film(vec3 x) {
    const float toe_end = 0.22;
    const float shoulder = 0.532;
    vec3 toe = toe_end * pow(x / toe_end, vec3(1.33));
    vec3 rolled = 1.0 - (1.0 - shoulder) * exp((shoulder - x) / (1.0 - shoulder));
    return mix(mix(toe, x, smoothstep(0.0, toe_end, x)), rolled, step(shoulder, x));
}

// Film that bleaches bright colours half as fast as its three layers would, so that skin turns neither orange nor grey.
vec3 filmic(vec3 c) {
    float peak = max(max(c.r, max(c.g, c.b)), 1e-5);
    return mix(c * (film(vec3(peak)).r / peak), film(c), 0.5);
}

// Linear to 0.5, then a smooth roll-off to 1 that keeps hues by compressing the peak and letting very bright colours
// fade to white.
vec3 neutral(vec3 c) {
    const float start = 0.5;
    float peak = max(c.r, max(c.g, c.b));
    if (peak <= start) return c;
    float room = 1.0 - start;
    float compressed = 1.0 - room * room / (peak + room - start);
    c *= compressed / peak;
    float white = 1.0 - 1.0 / (0.25 * (peak - compressed) + 1.0);
    return mix(c, vec3(compressed), white);
}

vec3 tone_map(vec3 c) {
    return u_filmic > 0.5 ? filmic(max(c, 0.0)) : neutral(c);
}

// Half a step of 8 bits, fixed per pixel: gradients do not band and equal pixels stay equal.
vec3 dithered(vec3 c, vec2 pixel) {
    float noise = fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
    return c + (noise - 0.5) / 255.0;
}
