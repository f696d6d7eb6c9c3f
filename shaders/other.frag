#version 410 core
// Diffuse light of key and surroundings on the file's own colour, and a broad shine.
#include "include/color.glsl"
#include "include/environment.glsl"

in vec3 v_position;
in vec3 v_normal;
in vec2 v_uv;
uniform sampler2D u_picture;
uniform vec4 u_color;         // linear, a factor on the picture
uniform float u_cutoff;       // of alpha; below 0 nothing is cut out
uniform float u_opaque;       // 1: alpha does not count
uniform float u_roughness;
uniform vec3 u_camera_mm;
uniform vec3 u_key_direction;
uniform vec3 u_key_radiance;
uniform float u_exposure;
out vec4 o_color;

const float F0 = 0.04;

void main() {
    vec4 color = texture(u_picture, v_uv) * u_color;
    if (color.a < u_cutoff) discard;
    vec3 view = normalize(u_camera_mm - v_position);
    vec3 normal = normalize(gl_FrontFacing ? v_normal : -v_normal);
    vec3 h = normalize(view + u_key_direction);
    float exponent = 2.0 / max(pow(u_roughness, 4.0), 1e-3);
    float shine = F0 * (exponent + 8.0) / 25.0 * pow(max(dot(normal, h), 0.0), exponent);
    float facing = max(dot(normal, u_key_direction), 0.0);
    vec3 light = color.rgb * environment_diffuse(normal) + u_key_radiance * facing * (color.rgb + shine);
    o_color = vec4(srgb_from_linear(tone_map(light * u_exposure)), max(color.a, u_opaque));
}
