#version 410 core
// Strands of hair as ribbons that face the camera. Two vertices for each point of a strand; light per point.
#include "include/environment.glsl"

uniform sampler2D u_points;       // place (head, mm), thickness (mm); all strands one after the other
uniform sampler2D u_strands;      // two texels a strand: colour, ambient visibility; normal of the skin
uniform int u_points_per_strand;
uniform mat4 u_clip_from_head;
uniform vec2 u_size_px;
uniform float u_mm_per_px;        // size of a pixel at 1 mm distance
uniform vec3 u_camera_mm;
uniform vec3 u_key_direction;
uniform vec3 u_key_radiance;
uniform float u_as_shadow;           // 1: what strands that lie on the skin throw onto it

out vec3 v_color;
out float v_across_px;
flat out float v_half_px;
out float v_coverage;
out float v_soft;

const float LIFT_MM = 0.3;        // towards the camera, over skin that detail or a pose has raised
const float SHADOW_MM = 0.55;     // width of a shadow beside that of its hair
const float SHADOW_DENSITY = 0.065;
const vec3 SHADOW = vec3(0.010, 0.004, 0.003);
const float SHINE_EXPONENT = 60.0;
const float TINTED_EXPONENT = 14.0;

vec4 fetched(sampler2D table, int index) {
    int width = textureSize(table, 0).x;
    return texelFetch(table, ivec2(index % width, index / width), 0);
}

// Light of a direction on a hair: diffuse and two lobes about its tangent (Kajiya and Kay 1989), the second tinted
// and shifted to the tip as light that went through the hair is (Marschner et al. 2003, Scheuermann 2004).
vec3 lit_hair(vec3 color, vec3 tangent, vec3 skin_normal, vec3 view, vec3 light) {
    float along = dot(tangent, light);
    float diffuse = sqrt(max(1.0 - along * along, 0.0));
    vec3 h = normalize(view + light);
    float first = dot(normalize(tangent + 0.08 * skin_normal), h);
    float second = dot(normalize(tangent - 0.12 * skin_normal), h);
    float shine = pow(max(1.0 - first * first, 0.0), 0.5 * SHINE_EXPONENT);
    float tinted = pow(max(1.0 - second * second, 0.0), 0.5 * TINTED_EXPONENT);
    return color * (0.55 * diffuse + 0.7 * tinted) + vec3(0.045 * shine);
}

void main() {
    int point = gl_VertexID / 2;
    int strand = point / u_points_per_strand;
    int k = point % u_points_per_strand;
    vec4 here = fetched(u_points, point);
    vec3 before = fetched(u_points, k > 0 ? point - 1 : point).xyz;
    vec3 after = fetched(u_points, k < u_points_per_strand - 1 ? point + 1 : point).xyz;
    vec4 color = fetched(u_strands, 2 * strand);
    vec3 skin_normal = fetched(u_strands, 2 * strand + 1).xyz;

    vec3 tangent = normalize(after - before);
    vec3 to_camera = u_camera_mm - here.xyz;
    float distance_mm = length(to_camera);
    vec3 view = to_camera / distance_mm;

    float share = float(k) / float(u_points_per_strand - 1);
    float facing = smoothstep(-0.25, 0.45, dot(skin_normal, u_key_direction));
    vec3 light = u_key_radiance * facing * lit_hair(color.rgb, tangent, skin_normal, view, u_key_direction);
    vec3 open = normalize(skin_normal - 0.5 * tangent * dot(tangent, skin_normal));
    light += color.rgb * environment_diffuse(open) * color.a * 0.8;
    v_color = light * mix(0.5, 1.0, smoothstep(0.0, 0.5, share));   // roots stand in each other's shadow

    float width_mm = here.w;
    float dense = 1.0;
    v_soft = u_as_shadow;
    if (u_as_shadow > 0.5) {
        vec3 root = fetched(u_points, strand * u_points_per_strand).xyz;
        float above_mm = dot(here.xyz - root, skin_normal);
        float slant = dot(skin_normal, u_key_direction);
        // On the skin below, away from the light; where the key light does not come, straight below.
        vec3 from = normalize(mix(skin_normal, u_key_direction, smoothstep(0.1, 0.5, slant)));
        here.xyz -= from * (max(above_mm, 0.0) / max(dot(from, skin_normal), 0.3));
        v_color = SHADOW;
        width_mm += SHADOW_MM;
        // What stands far off, as lashes do, throws none that is seen; a shadow ends as softly as it begins.
        dense = SHADOW_DENSITY * smoothstep(3.0, 1.2, above_mm) * sin(3.14159265 * mix(0.12, 0.95, share));
    }

    // A hair thinner than a pixel covers a part of one.
    float width_px = width_mm / (u_mm_per_px * distance_mm);
    v_coverage = min(width_px, 1.0) * dense;
    v_half_px = 0.5 * max(width_px, 1.0);
    float side = gl_VertexID % 2 == 0 ? -1.0 : 1.0;
    v_across_px = side * (v_half_px + 0.5);
    vec4 clip = u_clip_from_head * vec4(here.xyz + view * LIFT_MM, 1.0);
    vec4 clip_a = u_clip_from_head * vec4(before, 1.0);
    vec4 clip_b = u_clip_from_head * vec4(after, 1.0);
    vec2 run = (clip_b.xy / clip_b.w - clip_a.xy / clip_a.w) * u_size_px;
    vec2 across = length(run) > 1e-4 ? normalize(vec2(-run.y, run.x)) : vec2(1.0, 0.0);
    clip.xy += across * (v_across_px * 2.0 / u_size_px) * clip.w;
    gl_Position = clip;
}
