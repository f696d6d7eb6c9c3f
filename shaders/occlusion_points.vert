#version 410 core
// One point per vertex into a table: is the vertex open towards a direction?
in vec3 in_position;
in vec3 in_normal;
uniform mat4 u_clip_from_head;     // of the depth map
uniform sampler2DShadow u_shadow;
uniform vec3 u_direction;
uniform float u_offset_mm;
uniform ivec2 u_table_size;

out vec2 v_sum;

void main() {
    float cosine = max(dot(in_normal, u_direction), 0.0);
    vec3 p = (u_clip_from_head * vec4(in_position + in_normal * u_offset_mm, 1.0)).xyz * 0.5 + 0.5;
    v_sum = vec2(cosine * texture(u_shadow, p), cosine);
    ivec2 cell = ivec2(gl_VertexID % u_table_size.x, gl_VertexID / u_table_size.x);
    gl_Position = vec4((vec2(cell) + 0.5) / vec2(u_table_size) * 2.0 - 1.0, 0.0, 1.0);
    gl_PointSize = 1.0;
}
