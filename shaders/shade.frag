#version 410 core
// Colour of every pixel from the cached geometry buffer and the detail map.
// MODE is the view mode, CLASS what kind of pixels the pass draws (see classes.frag): software rasterisers run
// both sides of every branch, so each kind has its own program and the depth test chooses its pixels.
#include "include/gbuffer.glsl"
#include "include/color.glsl"
#include "include/environment.glsl"
#include "include/brdf.glsl"
#include "include/detail.glsl"
#include "include/around.glsl"
#include "include/skin.glsl"
#include "include/eye.glsl"
#include "include/mouth.glsl"

#define BACKGROUND 0
#define FACE 1
#define PLAIN 2
#define EYES 3
#define MOUTH 4
#define BORDER 5
#define ANY 6

#define DETAILED 0
#define SMOOTH 1
#define NORMALS 2
#define DISPLACEMENT 3
#define TENSION 4
#define WIREFRAME 5
#define CHART 6

uniform sampler2D u_albedo;       // sRGB, alpha: gloss
uniform float u_albedo_level;     // log2(albedo size / detail size)
uniform sampler2D u_around;       // as u_albedo, over -1..2 of the chart's plane
uniform float u_around_level;
uniform sampler2D u_tension;
uniform sampler2D u_colormap;
uniform sampler2D u_chart;        // labelled checker
const float CHECKER_SIZE = 1024.0;
uniform float u_range;            // half width of the false colour range: mm, or tension
uniform vec3 u_camera_mm;
uniform float u_exposure;         // linear factor
uniform vec3 u_background_center;
uniform vec3 u_background_edge;

layout(location = 0) out vec4 o_color;

vec3 background() {
    vec2 p = (gl_FragCoord.xy / u_size_px - vec2(0.5, 0.55)) * vec2(min(u_size_px.x / u_size_px.y, 1.8), 1.0);
    return mix(u_background_center, u_background_edge, smoothstep(0.0, 0.9, length(p)));
}

// Diverging colour of a signed value; grey where there is no detail.
vec3 false_color(float value, float weight) {
    float t = clamp(value / u_range, -1.0, 1.0) * 0.5 + 0.5;
    return mix(vec3(0.42), texture(u_colormap, vec2(t * (255.0 / 256.0) + 0.5 / 256.0, 0.5)).rgb, weight);
}

// Wrinkles are darker than the light on them says, per mm below the skin around: core/maps/cavity.py.
uniform vec3 u_darkening;
const float CAVITY_CELLS = 32.0;
const float CAVITY_DEEPEST_MM = -0.6;

// Blood follows tension: core/maps/flush.py.
uniform vec3 u_flush;
uniform float u_most_tension;

// Colour and gloss of skin, in the chart and in the plane around it.
vec4 skin_color(vec2 chart, float size_mm, vec3 p_x, vec3 p_y) {
    float level = level_of(size_mm, p_x, p_y);
    vec4 texel = textureLod(u_albedo, chart, level + u_albedo_level);
    vec2 beyond = max(max(-chart, chart - 1.0), 0.0);
    float outside = clamp(max(beyond.x, beyond.y) / 0.02, 0.0, 1.0);
    return mix(texel, textureLod(u_around, (chart + 1.0) / 3.0, level + u_around_level), outside);
}

// Skin whose colour the margins of the lids continue.
const vec2 BELOW_EYE = vec2(0.345, 0.362);
const float LID_SIDE = 0.03;

// Relief outside the chart: all of it is fine, so that light under the skin softens it for all colours.
void go_on_around(inout Skin skin, Around relief) {
    skin.sharp_normal = normalize(skin.sharp_normal - relief.slope);
    skin.red_normal = normalize(skin.red_normal - relief.slope * (1.0 - SCATTERED_SHARE.x));
    skin.green_normal = normalize(skin.green_normal - relief.slope * (1.0 - SCATTERED_SHARE.y));
    skin.blue_normal = beside(skin.green_normal, normalize(skin.blue_normal - relief.slope));
    skin.albedo *= exp(u_darkening * min(relief.height, 0.0));
    skin.cavity = clamp(skin.cavity + CAVITY_PER_MM * relief.height, 0.4, 1.06);
    skin.roughening = min(skin.roughening + relief.roughening, 0.3);
}

vec3 clay(vec3 n, vec3 view, float visibility, vec3 tint) {
    float headlight = 0.5 + 0.5 * clamp(dot(n, normalize(view + vec3(0.25, 0.45, 0.0))), 0.0, 1.0);
    return tint * headlight * mix(0.6, 1.0, visibility);
}

#if CLASS == BACKGROUND
void main() {
    o_color = vec4(dithered(background(), gl_FragCoord.xy), 1.0);
}
#else

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 coord = texelFetch(u_coord, pixel, 0);
    vec4 normal_visibility = texelFetch(u_normal, pixel, 0);
    vec3 n = normalize(normal_visibility.xyz);
    float visibility = normal_visibility.w;
    vec3 to_camera = u_camera_mm - head_position(pixel);
    float distance_mm = length(to_camera);
    vec3 view = to_camera / distance_mm;
    float part = abs(coord.w);

#if CLASS == FACE || CLASS == BORDER || CLASS == ANY
    bool skin_pixel = part < 1.5;
    float weight = skin_pixel ? coord.z : 0.0;
    vec4 tangent_x = texelFetch(u_tangent_x, pixel, 0);
    vec3 p_x = tangent_x.xyz;
    vec3 p_y = texelFetch(u_tangent_y, pixel, 0).xyz;
    float size_px_mm = u_mm_per_px * distance_mm;
    vec3 sharp_normal = n;
#if MODE == DETAILED || MODE == NORMALS || MODE == DISPLACEMENT
    float slant = inversesqrt(clamp(dot(n, view), 0.15, 1.0));
    float level = level_of(size_px_mm * slant, p_x, p_y);
    vec4 sharp = textureLod(u_detail, coord.xy, level) * (weight * u_detail_gain);
    sharp_normal = displaced_normal(n, p_x, p_y, sharp.xy);
#endif
#if MODE == NORMALS
    if (skin_pixel && coord.w > 0.0) {
        Around around = relief_around(coord.xy, n, size_px_mm, weight);
        sharp_normal = normalize(sharp_normal - around.slope);
    }
#endif
#endif

#if CLASS == EYES
    float light = texelFetch(u_light, pixel, 0).r;
    vec3 color = shade_eye(coord.xyz, part < PART_EYE_RIGHT - 0.5 ? 0 : 1, n, view, visibility, light, u_mm_per_px * distance_mm);
    color = srgb_from_linear(tone_map(color * u_exposure));
#elif CLASS == MOUTH
    float light = texelFetch(u_light, pixel, 0).r;
    float size_mm = u_mm_per_px * distance_mm;
    vec3 color;
    if (part > AT_EYES - 0.12) {
        vec3 lid = textureLod(u_albedo, BELOW_EYE, log2(float(textureSize(u_albedo, 0).x) * LID_SIDE)).rgb;
        color = shade_eye_flesh(coord.xyz * 100.0, lid, n, view, visibility, light, size_mm);
    } else {
        color = shade_mouth(coord, n, view, visibility, light, size_mm);
    }
    color = srgb_from_linear(tone_map(color * u_exposure));
#elif MODE == DETAILED || MODE == SMOOTH
    vec2 key_light = texelFetch(u_light, pixel, 0).rg;
    Skin skin;
    skin.sharp_normal = skin.red_normal = skin.green_normal = skin.blue_normal = skin.smooth_normal = n;
    skin.cavity = 1.0;
    skin.roughening = 0.0;
    skin.visibility = visibility;
    skin.light = key_light.r;
    skin.thickness_mm = key_light.g * MOST_THICKNESS_MM;
#if CLASS == FACE || CLASS == BORDER
    vec4 texel = skin_color(coord.xy, size_px_mm, p_x, p_y);
    skin.albedo = texel.rgb;
    skin.gloss = texel.a;
    skin.curvature = tangent_x.w;
    float tension = textureLod(u_tension, coord.xy, 0.0).r * weight;
    skin.albedo *= exp(-u_flush * clamp(tension, -u_most_tension, u_most_tension));
#if MODE == DETAILED
    float gain = weight * u_detail_gain;
    vec2 blur_level = vec2(level_of(SCATTER_BLUR_MM.x, p_x, p_y), level_of(SCATTER_BLUR_MM.y, p_x, p_y));
    vec4 red = textureLod(u_detail, coord.xy, max(blur_level.x, level)) * gain;
    vec2 green = textureLod(u_detail, coord.xy, max(blur_level.y, level)).xy * gain;
    skin.sharp_normal = sharp_normal;
    skin.green_normal = displaced_normal(n, p_x, p_y, mix(sharp.xy, green, SCATTERED_SHARE.y));
    vec3 red_normal = displaced_normal(n, p_x, p_y, mix(sharp.xy, red.xy, SCATTERED_SHARE.x));
    skin.red_normal = beside(skin.green_normal, red_normal);
    skin.blue_normal = beside(skin.green_normal, sharp_normal);
    float around_mm = textureLod(u_detail, coord.xy, max(log2(u_detail_size / CAVITY_CELLS), level)).z * gain;
    float depth_mm = clamp(sharp.z - around_mm, CAVITY_DEEPEST_MM, 0.0);
    skin.albedo *= exp(u_darkening * depth_mm);
    skin.cavity = openness(sharp.z, red.z);
    float per_mm = 2.0 / (length(p_x) + length(p_y));
    skin.roughening = min(max(sharp.w * sharp.w - dot(sharp.xy, sharp.xy), 0.0) * per_mm * per_mm, 0.3);
#if CLASS == BORDER
    go_on_around(skin, relief_around(coord.xy, n, size_px_mm, weight));
#endif
#endif
    vec3 color = shade_skin(skin, view);
#else
    // Skin without detail, and its inside.
    vec4 tangent_x = texelFetch(u_tangent_x, pixel, 0);
    float size_px_mm = u_mm_per_px * distance_mm;
    vec4 texel = skin_color(coord.xy, size_px_mm, tangent_x.xyz, texelFetch(u_tangent_y, pixel, 0).xyz);
    skin.albedo = coord.w < 0.0 ? vec3(0.06, 0.02, 0.018) : texel.rgb;
    skin.gloss = texel.a;
    skin.curvature = tangent_x.w;
#if MODE == DETAILED
    if (coord.w > 0.0) go_on_around(skin, relief_around(coord.xy, n, size_px_mm, 0.0));
#endif
    vec3 color = shade_skin(skin, view);
#endif
    color = srgb_from_linear(tone_map(color * u_exposure));
#elif MODE == NORMALS
    vec3 color = 0.5 + 0.5 * sharp_normal;
#elif MODE == DISPLACEMENT
    vec3 color = clay(n, view, visibility, false_color(sharp.z, weight));
#elif MODE == TENSION
    bool inside = skin_pixel && all(greaterThanEqual(coord.xy, vec2(0.0))) && all(lessThanEqual(coord.xy, vec2(1.0)));
    vec3 color = clay(n, view, visibility, false_color(textureLod(u_tension, coord.xy, 0.0).r, inside ? weight : 0.0));
#elif MODE == WIREFRAME
    vec3 color = clay(n, view, visibility, skin_pixel ? vec3(0.44, 0.445, 0.46) : vec3(0.36, 0.37, 0.39));
#elif MODE == CHART
    bool inside = skin_pixel && all(greaterThanEqual(coord.xy, vec2(0.0))) && all(lessThanEqual(coord.xy, vec2(1.0)));
    float lod = max(level_of(size_px_mm, p_x, p_y) + log2(CHECKER_SIZE / u_detail_size), 0.0);
    vec3 tile = textureLod(u_chart, coord.xy, lod).rgb;
    vec3 color = clay(n, view, visibility, mix(vec3(0.42), tile, inside ? 0.3 + 0.7 * weight : 0.0));
#endif
    o_color = vec4(dithered(color, gl_FragCoord.xy), 1.0);
}
#endif
