#version 410 core
// Mesh to the cached geometry buffer. Skin is pushed along its normal by the low-passed displacement.

in vec3 in_position;
in vec3 in_normal;
in vec3 in_tangent_x;
in vec3 in_tangent_y;
in vec4 in_coord;
in vec2 in_surface;

uniform mat4 u_clip_from_head;
uniform sampler2D u_detail;
uniform float u_detail_gain;
uniform float u_vertex_lod;

out vec4 v_coord;
out vec4 v_normal;
out vec4 v_tangent_x;
out vec3 v_tangent_y;

void main() {
    vec3 position = in_position;
    if (in_coord.w < 1.5 && in_coord.z > 0.0) {
        float displacement_mm = textureLod(u_detail, in_coord.xy, u_vertex_lod).b;
        position += in_normal * (displacement_mm * in_coord.z * u_detail_gain);
    }
    v_coord = in_coord;
    v_normal = vec4(in_normal, in_surface.x);
    v_tangent_x = vec4(in_tangent_x, in_surface.y);
    v_tangent_y = in_tangent_y;
    gl_Position = u_clip_from_head * vec4(position, 1.0);
}
